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
    Session? _session;
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
            await UseAsync((channel, limit) => DeclareAllAsync(channel, names, limit), cancellation);
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
        async (channel, limit) =>
        {
            await BrokerTopology.DeclareLaneAsync(channel, names, lane, limit);
            lock (_lanes)
                _lanes.Add(lane);
        },
        cancellation);

    /// <summary>How many messages wait in a queue, those that a consumer has in hand left out; 0 when there is no such queue.</summary>
    public async Task<int> CountAsync(string queue, CancellationToken cancellation)
    {
        try
        {
            var count = 0u;
            await UseAsync(async (channel, limit) => count = (await channel.QueueDeclarePassiveAsync(queue, limit)).MessageCount, cancellation);
            return (int)count;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return 0;
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        LetGo(_session?.Connection);
        return ValueTask.CompletedTask;
    }

    // Waits for as long as the broker is away: services start in any order, and brokers are restarted.
    async Task UseAsync(Func<IChannel, CancellationToken, Task> use, CancellationToken cancellation)
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

    async Task<bool> TryUseAsync(Func<IChannel, CancellationToken, Task> use, CancellationToken cancellation)
    {
        try
        {
            if (_session is not { Channel.IsOpen: true })
                await OpenAsync(cancellation);
            await AnswerAsync(
                async limit =>
                {
                    await use(_session!.Channel, limit);
                    return true;
                },
                cancellation);
            _isAway = false;
            return true;
        }
        catch (Exception e) when (IsAway(e))
        {
            LetGo(_session?.Connection);
            _session = null;
            if (!_isAway)
                Log.Unreachable(logger, options.Value.Host, options.Value.Port, options.Value.VHost, BrokerConnection.Why(e));
            _isAway = true;
            return false;
        }
    }

    // With the connection still open, what the broker refuses is refused for good.
    bool IsAway(Exception e) => e is BrokerUnreachableException or AlreadyClosedException or IOException or TimeoutException
        || (e is OperationInterruptedException && _session is not { Connection.IsOpen: true });

    async Task OpenAsync(CancellationToken cancellation)
    {
        // What closed the channel alone was a question about a queue that is not there.
        if (_session is { Connection: { IsOpen: true } still })
        {
            _session = new(still, await AnswerAsync(limit => still.CreateChannelAsync(cancellationToken: limit), cancellation));
            return;
        }
        Task<Session>? opening = null;
        try
        {
            var session = await AnswerAsync(limit => opening = OpenSessionAsync(limit), cancellation);
            session.Connection.ConnectionShutdownAsync += OnShutdownAsync;
            _session = session;
        }
        catch
        {
            if (opening is not null)
                _ = LetGoAsync(opening);
            throw;
        }
    }

    async Task<Session> OpenSessionAsync(CancellationToken cancellation)
    {
        var connection = await BrokerConnection.OpenAsync(options.Value, "imagepipe topology", time, cancellation);
        try
        {
            var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
            if (_names is not null)
                await DeclareAllAsync(channel, _names, cancellation);
            return new(connection, channel);
        }
        catch
        {
            LetGo(connection);
            throw;
        }
    }

    async Task DeclareAllAsync(IChannel channel, IBusTopology names, CancellationToken cancellation)
    {
        string[] lanes;
        lock (_lanes)
            lanes = [.. _lanes];
        await BrokerTopology.DeclareAsync(channel, names, rungs.Value, cancellation);
        foreach (var lane in lanes)
            await BrokerTopology.DeclareLaneAsync(channel, names, lane, cancellation);
    }

    // Not on the caller's stack: the connection is still being closed there.
    Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        if (reason.Initiator != ShutdownInitiator.Application && !lifetime.ApplicationStopping.IsCancellationRequested)
            _ = Task.Run(() => UseAsync((_, _) => Task.CompletedTask, lifetime.ApplicationStopping));
        return Task.CompletedTask;
    }

    Task<T> AnswerAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellation) => options.Value.AnswerTimeout.LimitAsync(ask, time, cancellation);

    // Nobody waits for it: with a broker that is gone it can take for ever. One that was closed has put itself away.
    static void LetGo(IConnection? connection)
    {
        if (connection is { IsOpen: true })
            _ = Task.Run(() => connection.AbortAsync());
    }

    // One that comes too late is of no use to anybody.
    static async Task LetGoAsync(Task<Session> opening) => LetGo((await opening).Connection);

    sealed record Session(IConnection Connection, IChannel Channel);

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
