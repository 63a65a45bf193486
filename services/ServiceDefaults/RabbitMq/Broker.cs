using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>
/// This process's own connection to the broker, beside the bus's: it declares what the bus cannot, and counts what waits. When the connection is lost
/// it makes a new one, and declares again whatever it has declared: the broker may have come back empty.
/// </summary>
sealed partial class Broker(
    IOptions<RabbitMqOptions> options, IOptions<RungOptions> rungs, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Broker> logger) : IAsyncDisposable
{
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    // A channel does one thing at a time.
    readonly SemaphoreSlim _alone = new(1, 1);
    readonly TaskCompletionSource _declared = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly HashSet<string> _lanes = [];
    IBusTopology? _names;
    IConnection? _connection;
    IChannel? _channel;
    bool _isAway;

    /// <summary>Completes when everything is declared but the lanes of feeds. What is published before would be lost without a word.</summary>
    public Task Declared => _declared.Task;

    /// <summary>Declares everything but the lanes of feeds.</summary>
    public async Task DeclareAsync(IBusTopology names)
    {
        var cancellation = lifetime.ApplicationStopping;
        try
        {
            _names = names;
            await UseAsync(channel => DeclareAllAsync(channel, names, cancellation), cancellation);
            _declared.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            _declared.TrySetCanceled(cancellation);
            throw;
        }
    }

    /// <summary>Declares a lane.</summary>
    public Task DeclareLaneAsync(IBusTopology names, string lane, CancellationToken cancellation) => UseAsync(
        async channel =>
        {
            await BrokerTopology.DeclareLaneAsync(channel, names, lane, cancellation);
            _lanes.Add(lane);
        },
        cancellation);

    /// <summary>How many messages wait in a queue, those that a consumer has in hand left out; 0 when there is no such queue.</summary>
    public async Task<int> CountAsync(string queue, CancellationToken cancellation)
    {
        try
        {
            var count = 0u;
            await UseAsync(async channel => count = (await channel.QueueDeclarePassiveAsync(queue, cancellation)).MessageCount, cancellation);
            return (int)count;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return 0;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        _alone.Dispose();
    }

    // Waits for as long as the broker is away: services start in any order, and brokers are restarted.
    async Task UseAsync(Func<IChannel, Task> use, CancellationToken cancellation)
    {
        await _alone.WaitAsync(cancellation);
        try
        {
            while (!await TryUseAsync(use, cancellation))
                await Task.Delay(RetryAfter, time, cancellation);
        }
        finally
        {
            _alone.Release();
        }
    }

    async Task<bool> TryUseAsync(Func<IChannel, Task> use, CancellationToken cancellation)
    {
        try
        {
            if (_channel is not { IsOpen: true })
                await OpenAsync(cancellation);
            await use(_channel!);
            _isAway = false;
            return true;
        }
        catch (Exception e) when (e is BrokerUnreachableException or AlreadyClosedException or IOException || (e is OperationInterruptedException && _connection is not { IsOpen: true }))
        {
            if (!_isAway)
                Log.Unreachable(logger, options.Value.Host, options.Value.Port, options.Value.VHost, BrokerConnection.Why(e));
            _isAway = true;
            return false;
        }
    }

    async Task OpenAsync(CancellationToken cancellation)
    {
        if (_connection is not { IsOpen: true })
        {
            if (_connection is not null)
                await _connection.DisposeAsync();
            _connection = null;
            var connection = await BrokerConnection.OpenAsync(options.Value, "imagepipe topology", cancellation);
            try
            {
                _channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
                if (_names is not null)
                    await DeclareAllAsync(_channel, _names, cancellation);
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
            connection.ConnectionShutdownAsync += OnShutdownAsync;
            _connection = connection;
        }
        // What closed the channel alone was a question about a queue that is not there.
        if (_channel is not { IsOpen: true })
            _channel = await _connection.CreateChannelAsync(cancellationToken: cancellation);
    }

    async Task DeclareAllAsync(IChannel channel, IBusTopology names, CancellationToken cancellation)
    {
        await BrokerTopology.DeclareAsync(channel, names, rungs.Value, cancellation);
        foreach (var lane in _lanes)
            await BrokerTopology.DeclareLaneAsync(channel, names, lane, cancellation);
    }

    Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        if (reason.Initiator != ShutdownInitiator.Application && !lifetime.ApplicationStopping.IsCancellationRequested)
            _ = UseAsync(_ => Task.CompletedTask, lifetime.ApplicationStopping);
        return Task.CompletedTask;
    }

    static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The broker {Host}:{Port}, virtual host {VHost}, cannot be used and is tried again until it can: {Why}")]
        public static partial void Unreachable(ILogger logger, string host, int port, string vHost, string why);
    }
}

/// <summary>Lets nothing be published before there are queues for it.</summary>
sealed class PublishAfterDeclare(Broker broker) : IPublishObserver
{
    public Task PrePublish<T>(PublishContext<T> context)
        where T : class => broker.Declared.IsCompletedSuccessfully ? Task.CompletedTask : broker.Declared.WaitAsync(context.CancellationToken);

    public Task PostPublish<T>(PublishContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PublishFault<T>(PublishContext<T> context, Exception exception)
        where T : class => Task.CompletedTask;
}

/// <summary>Declares all that the product needs before the bus starts: a retry sent to a rung that is missing would be an error at once.</summary>
sealed class DeclareBeforeStart(Broker broker) : IBusObserver
{
    public Task PreStart(IBus bus) => broker.DeclareAsync(bus.Topology);

    public void PostCreate(IBus bus)
    {
    }

    public void CreateFaulted(Exception exception)
    {
    }

    public Task PostStart(IBus bus, Task<BusReady> busReady) => Task.CompletedTask;

    public Task StartFaulted(IBus bus, Exception exception) => Task.CompletedTask;

    public Task PreStop(IBus bus) => Task.CompletedTask;

    public Task PostStop(IBus bus) => Task.CompletedTask;

    public Task StopFaulted(IBus bus, Exception exception) => Task.CompletedTask;
}
