using System.Threading.Channels;
using ImagePipeline.Storage.Failures;
using ImagePipeline.Storage.Lanes;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>
/// Takes what failed for good out of its queues into table <c>failed_message</c>: committed first, then acknowledged, so that a message is in its queue or in the table, killed
/// wherever. Needs a broker and a database, and no setting of any service. Any number may be at it at once, each with one call at a time.
/// </summary>
public sealed class FailureIntake(RabbitMqOptions options, FailedMessageTable table, LaneTable lanes, TimeProvider time) : IAsyncDisposable
{
    // As many as are in memory at once, and in one transaction; a message has some kilobytes, a large submission a megabyte.
    const ushort Prefetch = 50;

    // The broker has them ready: when nothing comes for so long, it is asked whether there is anything left.
    static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    // What is there comes at once; waiting for more only makes a batch larger.
    static readonly TimeSpan More = TimeSpan.FromMilliseconds(20);

    Session? _session;

    /// <summary>Takes in what is in the product's own queues now, and in <paramref name="others"/>. The connection stays for the next time.</summary>
    /// <returns>How many messages were taken out of their queues.</returns>
    /// <exception cref="Hosting.CannotStartException">The broker cannot be used, or one of <paramref name="others"/> is not there.</exception>
    public async Task<int> TakeInAsync(IReadOnlyList<string> others, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(others);
        var own = await QueuesAsync(cancellation);
        try
        {
            var taken = 0;
            foreach (var queue in own)
                taken += await TakeInAsync(queue, cancellation) ?? 0;
            foreach (var queue in others)
                taken += await TakeInAsync(queue, cancellation) ?? throw new Hosting.CannotStartException($"There is no queue {queue} in virtual host {options.VHost}.");
            return taken;
        }
        catch
        {
            // In a state that nobody knows; what it held goes back to its queue.
            LetGo();
            throw;
        }
    }

    /// <summary>The product's own queues that hold what failed.</summary>
    public async Task<IReadOnlyList<string>> QueuesAsync(CancellationToken cancellation)
    {
        var known = (await lanes.AllAsync(cancellation)).Append(Lane.Urgent).Distinct().Select(Lane.Queue);
        return [.. BrokerTopology.InputQueues.Concat(known).SelectMany(FailedDelivery.Of), BrokerTopology.Parking, BrokerTopology.Unrouted];
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        LetGo();
        return ValueTask.CompletedTask;
    }

    // Null when there is no such queue.
    async Task<int?> TakeInAsync(string queue, CancellationToken cancellation)
    {
        var session = await OpenAsync(cancellation);
        try
        {
            var waiting = await CountAsync(session, queue, cancellation);
            return waiting == 0 ? 0 : await TakeInAsync(session, queue, waiting, cancellation);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound && session.Connection.IsOpen)
        {
            // Never was there, or was deleted just now.
            return null;
        }
    }

    async Task<Session> OpenAsync(CancellationToken cancellation)
    {
        if (_session is { Connection.IsOpen: true, Asking.IsOpen: true } open)
            return open;
        if (_session is not { Connection: { IsOpen: true } connection })
            connection = await BrokerConnection.ConnectAsync(options, "imagepipe errors", time, cancellation);
        // A question about a queue that is not there closes its channel.
        return _session = new(connection, await AnswerAsync(limit => connection.CreateChannelAsync(cancellationToken: limit), cancellation));
    }

    // Those that nobody has in hand.
    async Task<uint> CountAsync(Session session, string queue, CancellationToken cancellation) =>
        (await AnswerAsync(limit => session.Asking.QueueDeclarePassiveAsync(queue, limit), cancellation)).MessageCount;

    async Task<int> TakeInAsync(Session session, string queue, uint waiting, CancellationToken cancellation)
    {
        await using var closed = new ClosedInTime(
            await AnswerAsync(limit => session.Connection.CreateChannelAsync(new CreateChannelOptions(true, true), limit), cancellation), options.AnswerTimeout, time);
        var channel = closed.Channel;
        var delivered = Channel.CreateUnbounded<Delivery>();
        await AnswerAsync(limit => channel.BasicQosAsync(0, Prefetch, global: false, limit), cancellation);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, e) => delivered.Writer.WriteAsync(new(e.DeliveryTag, FailedDelivery.Read(queue, e)), CancellationToken.None).AsTask();
        // Cancelled by us or, when the queue is deleted, by the broker; what came before is handed over before.
        consumer.UnregisteredAsync += (_, _) => EndAsync(null);
        consumer.ShutdownAsync += (_, e) => EndAsync(e.Initiator == ShutdownInitiator.Application ? null : new AlreadyClosedException(e));
        var tag = await AnswerAsync(limit => channel.BasicConsumeAsync(queue, autoAck: false, consumer, limit), cancellation);

        var taken = 0;
        // Not for ever: a message that fails again meanwhile is for the next time.
        while (taken < waiting)
        {
            if (await BatchAsync(delivered.Reader, Quiet, cancellation) is { Count: > 0 } batch)
                taken += await KeepAsync(channel, batch, cancellation);
            // Either somebody else has taken the rest, or the broker is slow.
            else if (delivered.Reader.Completion.IsCompleted || await CountAsync(session, queue, cancellation) == 0)
                break;
        }

        // What was handed over already is kept as well: given back, it would count as one more delivery.
        if (!delivered.Reader.Completion.IsCompleted)
            await AnswerAsync(limit => channel.BasicCancelAsync(tag, noWait: false, limit), cancellation);
        while (await BatchAsync(delivered.Reader, Quiet, cancellation) is { Count: > 0 } batch)
            taken += await KeepAsync(channel, batch, cancellation);
        return taken;

        Task EndAsync(Exception? why)
        {
            delivered.Writer.TryComplete(why);
            return Task.CompletedTask;
        }
    }

    async Task<int> KeepAsync(IChannel channel, IReadOnlyList<Delivery> batch, CancellationToken cancellation)
    {
        await table.AddAsync([.. batch.Select(d => d.Message)], cancellation);
        // Then the listing is told, and only then the message is gone from where it was: killed in between, all of it is repeated.
        foreach (var parked in batch.Where(d => d.Message.Kind == FailureKind.Parked))
            await AnswerAsync(limit => ParkedPhoto.TellAsync(channel, parked.Message, time, limit), cancellation);
        await channel.BasicAckAsync(batch[^1].Tag, multiple: true, cancellation);
        return batch.Count;
    }

    static async Task<List<Delivery>> BatchAsync(ChannelReader<Delivery> delivered, TimeSpan patience, CancellationToken cancellation)
    {
        var batch = new List<Delivery>(Prefetch);
        while (batch.Count < Prefetch)
        {
            if (delivered.TryRead(out var delivery))
                batch.Add(delivery);
            else if (!await WaitAsync(delivered, batch.Count == 0 ? patience : More, cancellation))
                break;
        }
        return batch;
    }

    static async Task<bool> WaitAsync(ChannelReader<Delivery> delivered, TimeSpan patience, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await delivered.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    Task<T> AnswerAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellation) => options.AnswerTimeout.LimitAsync(ask, time, cancellation);

    Task<bool> AnswerAsync(Func<CancellationToken, Task> ask, CancellationToken cancellation) => AnswerAsync(
        async limit =>
        {
            await ask(limit);
            return true;
        },
        cancellation);

    // Nobody waits for it: with a broker that is gone it can take for ever.
    void LetGo()
    {
        if (_session is { Connection: { IsOpen: true } connection })
            _ = Task.Run(() => connection.AbortAsync());
        _session = null;
    }

    sealed record Session(IConnection Connection, IChannel Asking);

    // With a broker that is gone closing a channel can take for ever, too.
    sealed class ClosedInTime(IChannel channel, TimeSpan limit, TimeProvider time) : IAsyncDisposable
    {
        public IChannel Channel => channel;

        public async ValueTask DisposeAsync() => await channel.DisposeAsync().AsTask().WaitAsync(limit, time);
    }

    sealed record Delivery(ulong Tag, TakenMessage Message);
}
