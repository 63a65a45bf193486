using System.Reflection;
using ImagePipeline.ServiceDefaults.Hosting;
using ImagePipeline.Storage.Database;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ServiceDefaults;

/// <summary>
/// A service as a process of its own: configured by the environment, checked before it touches a message, answering for its health, and stopped in
/// order by a signal.
/// </summary>
public static class ServiceHost
{
    /// <summary>Runs a service until it is asked to stop.</summary>
    /// <param name="name">What it is called in sentences and metrics.</param>
    /// <param name="port">Where on this machine its health and metrics are when the environment names no address.</param>
    /// <param name="args">The command line, which must be empty.</param>
    /// <param name="parts">Adds what the service is made of.</param>
    /// <returns>The exit code: 0 stopped as asked, 1 a part of it failed, 2 could not start.</returns>
    public static async Task<int> RunAsync(string name, int port, string[] args, Action<IHostApplicationBuilder> parts)
    {
        using var signal = new StopSignal();
        try
        {
            if (args.Length > 0)
                throw new CannotStartException("It takes no arguments, only environment variables; docs/configuration.md has them.");
            return await RunAsync(new ServiceName(name, port), parts, signal);
        }
        catch (Exception e) when (StartFailure.Sentences(e) is { } sentences)
        {
            foreach (var sentence in sentences)
                await Console.Error.WriteLineAsync($"{name}: {sentence}");
            return StartFailure.ExitCode;
        }
        catch (OperationCanceledException) when (signal.Token.IsCancellationRequested)
        {
            // Asked to stop before it had started.
            return 0;
        }
    }

    static async Task<int> RunAsync(ServiceName service, Action<IHostApplicationBuilder> parts, StopSignal signal)
    {
        var host = Build(service, parts);
        Settings.Check(host.Services);
        var readiness = host.Services.GetRequiredService<Readiness>();
        var log = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger(service.Name);
        var options = host.Services.GetRequiredService<IOptions<ServiceOptions>>().Value;
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        await using var asked = signal.Token.Register(lifetime.StopApplication);

        await host.Services.GetRequiredService<StartChecks>().RunAsync(signal.Token);
        await using var monitor = await MonitorServer.StartAsync(service, host.Services, signal.Token);
        Log.Monitored(log, service.Name, Version, monitor.Address);
        try
        {
            await host.StartAsync(signal.Token);
            readiness.Phase = null;
            await UntilStoppingAsync(lifetime);
        }
        catch (OperationCanceledException) when (signal.Token.IsCancellationRequested)
        {
            // Asked to stop while it waited for the broker.
        }

        readiness.Phase = "is stopping";
        Log.Stopping(log, service.Name, options.StopTimeout);
        var exitCode = HasFailed(host) ? 1 : 0;
        if (await StopsInTimeAsync(host, options.StopTimeout))
            Log.Stopped(log, service.Name);
        else
            Log.CutOff(log, service.Name, options.StopTimeout);
        return exitCode;
    }

    static IHost Build(ServiceName service, Action<IHostApplicationBuilder> parts)
    {
        // Not the default builder: a stray appsettings.json in the folder it is started from must not change it.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = service.Name });
        ServiceConfiguration.AddTo(builder.Configuration);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddProvider(new LineLoggerProvider(TimeProvider.System));

        builder.Services.AddSingleton(service);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IHostLifetime, StoppedBySignal>();
        builder.Services.AddMetrics();
        builder.Services.AddValidatedOptions<ServiceOptions>("Service");
        FeedSettings.Add(builder.Services);
        builder.Services.AddPipelineStorage();
        builder.Services.AddSingleton<StartChecks>();
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddSingleton<BusReadiness>();
        builder.Services.AddReadyCheck("bus", (s, _) => Task.FromResult(s.GetRequiredService<BusReadiness>().Check()));
        builder.Services.AddStartCheck((s, c) => DatabaseSchema.UpgradeAsync(s.GetRequiredService<PipelineDatabase>(), c));
        builder.Services.AddReadyCheck("database", (s, c) => DatabaseReadiness.CheckAsync(s.GetRequiredService<PipelineDatabase>(), c));
        parts(builder);
        // The time to stop is given with each stop. (Not from the options here: the host reads its own before they are checked.)
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        // After the bus, whose own times are those of one process that hosts everything.
        builder.Services.AddOptions<MassTransitHostOptions>().Configure<IOptions<ServiceOptions>>((bus, o) =>
        {
            bus.WaitUntilStarted = true;
            bus.ConsumerStopTimeout = o.Value.StopTimeout * 0.8;
            bus.StopTimeout = o.Value.StopTimeout * 0.9;
        });
        return builder.Build();
    }

    // Until a signal, or until a part has failed, which ends the others too.
    static async Task UntilStoppingAsync(IHostApplicationLifetime lifetime)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStopping.Register(stopping.SetResult);
        await stopping.Task;
    }

    // What hangs beyond the time is left behind: the process ends, and the broker gives what was in work to others.
    static async Task<bool> StopsInTimeAsync(IHost host, TimeSpan time)
    {
        using var limit = new CancellationTokenSource(time, TimeProvider.System);
        try
        {
            await StopAsync().WaitAsync(limit.Token);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or AggregateException { InnerException: OperationCanceledException })
        {
            return false;
        }

        async Task StopAsync()
        {
            await host.StopAsync(limit.Token);
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }

    static bool HasFailed(IHost host) =>
        host.Services.GetServices<IHostedService>().OfType<BackgroundService>().Any(part => part.ExecuteTask is { IsFaulted: true });

    static string Version => typeof(ServiceHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    sealed class StoppedBySignal : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>The name of the service of this process, and its port for health and metrics where the environment names none.</summary>
sealed record ServiceName(string Name, int Port);

static partial class Log
{
    [LoggerMessage(LogLevel.Information, "{Service} {Version}: health at {Address}/health/live and {Address}/health/ready, metrics at {Address}/metrics")]
    public static partial void Monitored(ILogger logger, string service, string version, string address);

    [LoggerMessage(LogLevel.Information, "{Service} stops: what is in work has {StopTimeout} to be finished")]
    public static partial void Stopping(ILogger logger, string service, TimeSpan stopTimeout);

    [LoggerMessage(LogLevel.Information, "{Service} has stopped")]
    public static partial void Stopped(ILogger logger, string service);

    [LoggerMessage(LogLevel.Warning, "{Service} ends after {StopTimeout} (setting Service:StopTimeout) with work unfinished; it is done again")]
    public static partial void CutOff(ILogger logger, string service, TimeSpan stopTimeout);
}
