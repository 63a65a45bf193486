using System.Threading.Channels;
using ImagePipeline.Storage.Failures;
using ImagePipeline.Storage.Lanes;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>
/// Takes what failed for good out of its queues into table <c>failed_message</c>: committed first, then acknowledged, so that a message is in its queue or in the table, killed
/// wherever. Needs a broker and a database, and no setting of any service.
/// </summary>
public sealed class FailureIntake(RabbitMqOptions options, FailedMessageTable table, LaneTable lanes, TimeProvider time)
{
    // As many as one statement keeps; a message has some kilobytes.
    const ushort Prefetch = 100;

    // The broker has them ready: what does not come by then somebody else has taken.
    static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    // What is there comes at once; waiting for more only makes a batch larger.
    static readonly TimeSpan More = TimeSpan.FromMilliseconds(20);

    /// <summary>Takes in what is in the product's own queues now, and in <paramref name="others"/>.</summary>
    /// <returns>How many messages were taken out of their queues.</returns>
    /// <exception cref="Hosting.CannotStartException">The broker cannot be used.</exception>
    public async Task<int> TakeInAsync(IReadOnlyList<string> others, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(others);
        await using var connection = await BrokerConnection.ConnectAsync(options, "imagepipe errors", time, cancellation);
        var taken = 0;
        foreach (var queue in await QueuesAsync(cancellation))
            taken += await TakeInAsync(connection, queue, cancellation) ?? 0;
        foreach (var queue in others)
            taken += await TakeInAsync(connection, queue, cancellation) ?? throw new Hosting.CannotStartException($"There is no queue {queue} in virtual host {options.VHost}.");
        return taken;
    }

    /// <summary>The product's own queues that hold what failed.</summary>
    public async Task<IReadOnlyList<string>> QueuesAsync(CancellationToken cancellation)
    {
        var known = (await lanes.AllAsync(cancellation)).Append(Lane.Urgent).Distinct().Select(Lane.Queue);
        return [.. BrokerTopology.InputQueues.Concat(known).SelectMany(FailedDelivery.Of), BrokerTopology.Parking, BrokerTopology.Unrouted];
    }

    // Null when there is no such queue.
    async Task<int?> TakeInAsync(IConnection connection, string queue, CancellationToken cancellation)
    {
        // One each: a question about a queue that is not there closes it.
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), cancellation);
        uint waiting;
        try
        {
            waiting = (await channel.QueueDeclarePassiveAsync(queue, cancellation)).MessageCount;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
        return waiting == 0 ? 0 : await TakeInAsync(channel, queue, waiting, cancellation);
    }

    async Task<int> TakeInAsync(IChannel channel, string queue, uint waiting, CancellationToken cancellation)
    {
        var delivered = Channel.CreateUnbounded<Delivery>();
        await channel.BasicQosAsync(0, Prefetch, global: false, cancellation);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, e) => delivered.Writer.WriteAsync(new(e.DeliveryTag, FailedDelivery.Read(queue, e)), CancellationToken.None).AsTask();
        consumer.UnregisteredAsync += (_, _) => EndAsync(null);
        consumer.ShutdownAsync += (_, e) => EndAsync(e.Initiator == ShutdownInitiator.Application ? null : new AlreadyClosedException(e));
        var tag = await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellation);

        var taken = 0;
        // Not for ever: a message that fails again meanwhile is for the next time.
        while (taken < waiting && await BatchAsync(delivered.Reader, Quiet, cancellation) is { Count: > 0 } batch)
            taken += await KeepAsync(channel, batch, cancellation);

        // What was handed over already is kept as well: given back, it would count as one more delivery.
        await channel.BasicCancelAsync(tag, noWait: false, cancellation);
        while (await BatchAsync(delivered.Reader, TimeSpan.Zero, cancellation) is { Count: > 0 } batch)
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
            await ParkedPhoto.TellAsync(channel, parked.Message, time, cancellation);
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

    sealed record Delivery(ulong Tag, TakenMessage Message);
}
