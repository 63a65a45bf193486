using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ServiceDefaults;

/// <summary>
/// Looks after the gates of this process: tells other processes which are closed and hears it from them, and on RabbitMQ stops an endpoint whose
/// messages have been held too long, gives them back, and starts it again when it is time.
/// </summary>
public sealed partial class GateKeeper : BackgroundService, IReceiveEndpointObserver
{
    readonly GatedEndpoints _endpoints;
    readonly GateSharing? _sharing;
    readonly IHostApplicationLifetime _lifetime;
    readonly GateOptions _options;
    readonly TimeProvider _time;
    readonly ILogger<GateKeeper> _log;
    readonly ConcurrentDictionary<Uri, EndpointStop> _stops = new();

    internal GateKeeper(
        GatedEndpoints endpoints, GateSharing? sharing, IHostApplicationLifetime lifetime, IOptions<GateOptions> options, TimeProvider time,
        ILogger<GateKeeper> log) =>
        (_endpoints, _sharing, _lifetime, _options, _time, _log) = (endpoints, sharing, lifetime, options.Value, time, log);

    /// <summary>The addresses of the endpoints that are stopped because a gate is closed; they start again by themselves, and are no sign of trouble of
    /// this process.</summary>
    public IReadOnlySet<Uri> StoppedOnPurpose => _stops.Where(stop => stop.Value.IsStopped).Select(stop => stop.Key).ToHashSet();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A stop of the host does not wait for a gate.
        using var stopping = _lifetime.ApplicationStopping.Register(() =>
        {
            foreach (var endpoint in _endpoints.All)
                endpoint.GiveBack();
        });
        var looking = RepeatAsync(LookAtEndpointsAsync, stoppingToken);
        // Beside each other: to reach a database can take long.
        var sharing = _sharing is null ? looking : RepeatAsync(() => _sharing.ShareAsync(stoppingToken), stoppingToken);
        await await Task.WhenAny(looking, sharing);
    }

    Task IReceiveEndpointObserver.Ready(ReceiveEndpointReady ready)
    {
        // In memory a stopped endpoint goes on, and what is given back is lost.
        if (ready.InputAddress.Scheme is "rabbitmq" or "rabbitmqs" && _endpoints.Find(ready.InputAddress) is { } gated)
            _stops.GetOrAdd(ready.InputAddress, _ => new EndpointStop(gated, ready.ReceiveEndpoint, _options, _time));
        return Task.CompletedTask;
    }

    Task IReceiveEndpointObserver.Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    Task IReceiveEndpointObserver.Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    Task IReceiveEndpointObserver.Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;

    async Task RepeatAsync(Func<Task> look, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(_options.ShareInterval, _time);
        while (await timer.WaitForNextTickAsync(cancellation))
            await look();
    }

    Task LookAtEndpointsAsync()
    {
        if (_lifetime.ApplicationStopping.IsCancellationRequested)
            return Task.CompletedTask;
        foreach (var stop in _stops.Values)
        {
            switch (stop.Look())
            {
                case EndpointChange.Stop:
                    Log.Stopping(_log, stop.Queue, string.Join(", ", stop.Gates), stop.Duration);
                    _ = FollowAsync(stop, stop.StopAsync());
                    break;
                case EndpointChange.Start:
                    Log.Starting(_log, stop.Queue);
                    _ = FollowAsync(stop, stop.StartAsync());
                    break;
            }
        }
        return Task.CompletedTask;
    }

    async Task FollowAsync(EndpointStop stop, Task change)
    {
        try
        {
            await change;
        }
        catch (Exception e) when (!_lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The next look repeats it.
            Log.Failed(_log, stop.Queue, e.Message);
        }
        catch (Exception)
        {
            // The bus itself is being stopped, and every endpoint with it.
        }
    }

    static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Queue} stops for {Duration} because of the closed gate {Gates}; what it holds goes back to its queue")]
        public static partial void Stopping(ILogger log, string queue, string gates, TimeSpan duration);

        [LoggerMessage(LogLevel.Information, "{Queue} starts again")]
        public static partial void Starting(ILogger log, string queue);

        [LoggerMessage(LogLevel.Warning, "{Queue} could not be stopped or started, and that is repeated: {Message}")]
        public static partial void Failed(ILogger log, string queue, string message);
    }
}
