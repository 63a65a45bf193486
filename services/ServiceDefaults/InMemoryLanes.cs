using System.Collections.Concurrent;
using ImagePipeline.Contracts;
using MassTransit;
using MassTransit.Transports.Fabric;

namespace ImagePipeline.ServiceDefaults;

/// <summary>
/// Lanes of the in-memory bus: endpoints connected when a feed first sends. In memory a request without a lane would vanish in silence, so
/// sending waits until its lane is there.
/// </summary>
sealed class InMemoryLanes(IReceiveEndpointConnector connector, Publisher publisher, ConfigureLane configure) : ILanes
{
    // Requests published at once: enough to keep the transport busy, few enough to stay a small part of memory.
    const int ChunkSize = 256;

    readonly ConcurrentDictionary<string, Lazy<Task>> _lanes = new();
    readonly ConcurrentDictionary<string, int> _waiting = new();

    public async Task SendAsync(IReadOnlyList<PhotoRequested> requests, CancellationToken cancellation)
    {
        foreach (var lane in requests.Select(Lane.Of).Distinct())
            await ConnectedAsync(lane);

        foreach (var chunk in requests.Chunk(ChunkSize))
        {
            foreach (var request in chunk)
                _waiting.AddOrUpdate(request.Feed, 1, (_, n) => n + 1);
            await Task.WhenAll(chunk.Select(r => publisher.PublishAsync(r, r.ListingUid, cancellation)));
        }
    }

    public Task<int> WaitingAsync(string feed, CancellationToken cancellation) => Task.FromResult(_waiting.GetValueOrDefault(feed));

    public void Taken(PhotoRequested request) => _waiting.AddOrUpdate(request.Feed, 0, (_, n) => n - 1);

    public Task<IReadOnlyList<QueueDepth>> DepthsAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<QueueDepth>>([.. _waiting.Select(w => new QueueDepth(Lane.Queue(w.Key), w.Key, w.Value))]);

    async Task ConnectedAsync(string lane)
    {
        var connecting = _lanes.GetOrAdd(lane, l => new Lazy<Task>(() => ConnectAsync(l)));
        try
        {
            await connecting.Value;
        }
        catch
        {
            // The next request tries anew.
            _lanes.TryRemove(new(lane, connecting));
            throw;
        }
    }

    async Task ConnectAsync(string lane)
    {
        var handle = connector.ConnectReceiveEndpoint(Lane.Queue(lane), (context, endpoint) =>
        {
            endpoint.ConfigureConsumeTopology = false;
            ((IInMemoryReceiveEndpointConfigurator)endpoint).Bind<PhotoRequested>(ExchangeType.Direct, lane);
            configure(context, endpoint, lane);
        });
        await handle.Ready;
    }
}
