using System.Collections.Concurrent;
using ImagePipeline.Contracts;
using ImagePipeline.Storage.Lanes;
using MassTransit;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>
/// Lanes on RabbitMQ: queues, declared and recorded before the first request is sent to them, so that a request waits for a worker wherever and
/// whenever one starts.
/// </summary>
sealed class RabbitMqLanes(Broker broker, LaneTable table, IOptions<RungOptions> rungs, IBus bus, Publisher publisher) : ILanes
{
    // Each is confirmed by the broker; as many at once as keep it busy, and no more, because the transport itself has no limit.
    const int ChunkSize = 256;

    readonly ConcurrentDictionary<string, bool> _declared = new();

    public async Task SendAsync(IReadOnlyList<PhotoRequested> requests, CancellationToken cancellation)
    {
        foreach (var lane in requests.Select(Lane.Of).Distinct().Where(lane => !_declared.ContainsKey(lane)))
        {
            await broker.DeclareLaneAsync(bus.Topology, lane, cancellation);
            // Then, so that no worker takes up a lane that is not there; and known only afterwards: killed here, the next request repeats both.
            await table.AddAsync(lane, cancellation);
            _declared[lane] = true;
        }
        foreach (var chunk in requests.Chunk(ChunkSize))
            await Task.WhenAll(chunk.Select(r => publisher.PublishAsync(r, r.ListingUid, cancellation)));
    }

    public Task<int> WaitingAsync(string feed, CancellationToken cancellation) => broker.CountAsync(Lane.Queue(feed), cancellation);

    // The broker itself knows what is taken.
    public void Taken(PhotoRequested request)
    {
    }

    public async Task<IReadOnlyList<QueueDepth>> DepthsAsync(CancellationToken cancellation)
    {
        var depths = new List<QueueDepth>();
        foreach (var lane in (await table.AllAsync(cancellation)).Append(Lane.Urgent).Distinct())
            depths.Add(new(Lane.Queue(lane), lane, await broker.CountAsync(Lane.Queue(lane), cancellation)));
        foreach (var queue in BrokerTopology.Waiting(rungs.Value))
            depths.Add(new(queue, null, await broker.CountAsync(queue, cancellation)));
        // Two for each queue, and nearly always empty: those that are not are enough.
        foreach (var queue in BrokerTopology.InputQueues.Concat(depths.Where(d => d.Lane is not null).Select(d => d.Queue).ToList()).SelectMany(FailedDelivery.Of))
        {
            if (await broker.CountAsync(queue, cancellation) is var failed and > 0)
                depths.Add(new(queue, null, failed));
        }
        return depths;
    }
}
