using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>
/// This process's own connection to the broker, beside the bus's: it declares what the bus cannot, and counts what waits. After a loss it connects
/// again and declares again whatever it has declared.
/// </summary>
sealed partial class Broker(
    IOptions<RabbitMqOptions> options, IOptions<RungOptions> rungs, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Broker> logger) : IAsyncDisposable
{
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    // A channel does one thing at a time.
    readonly SemaphoreSlim _alone = new(1, 1);
    readonly TaskCompletionSource _declared = new(TaskCreationOptions.RunContinuationsAsynchronously);
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
            await UseAsync(channel => BrokerTopology.DeclareAsync(channel, names, rungs.Value, cancellation), cancellation);
            _declared.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            _declared.TrySetCanceled(cancellation);
            throw;
        }
    }

    /// <summary>Declares a lane.</summary>
    public Task DeclareLaneAsync(IBusTopology names, string lane, CancellationToken cancellation) =>
        UseAsync(channel => BrokerTopology.DeclareLaneAsync(channel, names, lane, cancellation), cancellation);

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
            _connection ??= await Factory().CreateConnectionAsync(cancellation);
            if (_channel is not { IsOpen: true })
            {
                if (_channel is not null)
                    await _channel.DisposeAsync();
                _channel = null;
                _channel = await _connection.CreateChannelAsync(cancellationToken: cancellation);
            }
            await use(_channel);
            _isAway = false;
            return true;
        }
        catch (Exception e) when (e is BrokerUnreachableException or AlreadyClosedException or IOException || (e is OperationInterruptedException && _connection is not { IsOpen: true }))
        {
            if (!_isAway)
                Log.Unreachable(logger, options.Value.Host, options.Value.Port, options.Value.VHost, Why(e));
            _isAway = true;
            return false;
        }
    }

    ConnectionFactory Factory()
    {
        var to = options.Value;
        return new()
        {
            HostName = to.Host,
            Port = to.Port,
            VirtualHost = to.VHost,
            UserName = to.User,
            Password = to.Pass,
            Ssl = new SslOption { Enabled = to.UseSsl, ServerName = to.Host },
            ClientProvidedName = "imagepipe topology",
        };
    }

    // The client wraps what has happened in its own general sentence.
    static string Why(Exception e) => (e.InnerException is AggregateException { InnerExceptions: [var first, ..] } ? first : e.InnerException ?? e) switch
    {
        AuthenticationFailureException => "it does not accept the user and password",
        var cause => cause.Message.TrimEnd('.'),
    };

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
