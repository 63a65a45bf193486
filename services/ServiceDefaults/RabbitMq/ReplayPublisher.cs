using ImagePipeline.ServiceDefaults.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>
/// Sends messages straight to their queues, and tells of each when the broker has it. The client's own tracking of confirmations is not used: it writes a header on each message.
/// </summary>
public sealed class ReplayPublisher : IAsyncDisposable
{
    readonly RabbitMqOptions _options;
    readonly TimeProvider _time;
    readonly IConnection _connection;
    readonly IChannel _channel;
    readonly SemaphoreSlim _sending = new(1, 1);
    readonly Lock _gate = new();
    readonly SortedDictionary<ulong, Pending> _pending = [];
    readonly HashSet<string> _missing = [];

    ReplayPublisher(RabbitMqOptions options, TimeProvider time, IConnection connection, IChannel channel)
    {
        (_options, _time, _connection, _channel) = (options, time, connection, channel);
        channel.BasicReturnAsync += (_, e) => OnReturnAsync(e);
        channel.BasicAcksAsync += (_, e) => OnConfirmAsync(e.DeliveryTag, e.Multiple, isTaken: true);
        channel.BasicNacksAsync += (_, e) => OnConfirmAsync(e.DeliveryTag, e.Multiple, isTaken: false);
        channel.ChannelShutdownAsync += (_, e) => OnShutdownAsync(e);
    }

    /// <summary>Connects once.</summary>
    /// <exception cref="CannotStartException">The broker cannot be used; the message is a sentence.</exception>
    public static async Task<ReplayPublisher> ConnectAsync(RabbitMqOptions options, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var connection = await BrokerConnection.ConnectAsync(options, "imagepipe errors replay", time, cancellation);
        try
        {
            var channel = await options.AnswerTimeout.LimitAsync(limit => connection.CreateChannelAsync(new CreateChannelOptions(true, false), limit), time, cancellation);
            return new ReplayPublisher(options, time, connection, channel);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether an exception of this class means that the broker is gone, or as good as gone: on another connection it may work.</summary>
    public static bool IsBroker(Exception exception) => exception is CannotStartException or OperationInterruptedException or BrokerUnreachableException or IOException or TimeoutException or ObjectDisposedException;

    /// <summary>Why, as part of a sentence.</summary>
    public static string Why(Exception exception) => exception is CannotStartException ? exception.Message.TrimEnd('.') : BrokerConnection.Why(exception);

    /// <summary>Sends a message: it is on its way, in order, when this ends, and what comes of it is told by the inner task.</summary>
    public async Task<Task<ReplayOutcome>> SendAsync(string queue, BasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        await _sending.WaitAsync(cancellation);
        try
        {
            var pending = new Pending(queue);
            var number = await _channel.GetNextPublishSequenceNumberAsync(cancellation);
            lock (_gate)
                _pending.Add(number, pending);
            // Not given up half-way: what of it was written would be the beginning of something else.
            await _options.AnswerTimeout.LimitAsync(
                async limit =>
                {
                    await _channel.BasicPublishAsync("", queue, mandatory: true, properties, body, limit);
                    return true;
                }, _time, CancellationToken.None);
            return pending.Outcome.Task.WaitAsync(_options.AnswerTimeout, _time, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>A queue's messages that wait, and how many consumers it has; null when there is no such queue.</summary>
    public async Task<(uint Waiting, uint Consumers)?> LookAsync(string queue, CancellationToken cancellation)
    {
        // One each: a question about a queue that is not there closes it.
        await using var channel = await _options.AnswerTimeout.LimitAsync(limit => _connection.CreateChannelAsync(cancellationToken: limit), _time, cancellation);
        try
        {
            var answer = await _options.AnswerTimeout.LimitAsync(limit => channel.QueueDeclarePassiveAsync(queue, limit), _time, cancellation);
            return (answer.MessageCount, answer.ConsumerCount);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _connection.DisposeAsync().AsTask().WaitAsync(_options.AnswerTimeout, _time);
        }
        catch (Exception e) when (IsBroker(e))
        {
            // It was gone already.
        }
        _sending.Dispose();
    }

    // Comes before the confirmation of the same message, on the same channel.
    Task OnReturnAsync(BasicReturnEventArgs returned)
    {
        lock (_gate)
            _missing.Add(returned.RoutingKey);
        return Task.CompletedTask;
    }

    Task OnConfirmAsync(ulong number, bool isMultiple, bool isTaken)
    {
        lock (_gate)
        {
            var confirmed = isMultiple ? _pending.Keys.TakeWhile(n => n <= number).ToList() : [number];
            foreach (var n in confirmed)
            {
                if (!_pending.Remove(n, out var pending))
                    continue;
                // Which of its messages was returned does not matter: those on the way with it are sent once more, when the queue is there again.
                pending.Outcome.TrySetResult(_missing.Contains(pending.Queue) ? ReplayOutcome.NoQueue : isTaken ? ReplayOutcome.Sent : ReplayOutcome.Refused);
            }
        }
        return Task.CompletedTask;
    }

    Task OnShutdownAsync(ShutdownEventArgs why)
    {
        lock (_gate)
        {
            foreach (var pending in _pending.Values)
                pending.Outcome.TrySetException(new AlreadyClosedException(why));
            _pending.Clear();
        }
        return Task.CompletedTask;
    }

    sealed record Pending(string Queue)
    {
        public TaskCompletionSource<ReplayOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>What came of a message that was sent.</summary>
public enum ReplayOutcome
{
    /// <summary>It is in its queue.</summary>
    Sent,

    /// <summary>There is no such queue.</summary>
    NoQueue,

    /// <summary>The broker cannot take it now.</summary>
    Refused,
}
