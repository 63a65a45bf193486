using ImagePipeline.Contracts;

namespace ImagePipeline.ServiceDefaults;

/// <summary>
/// The queues of photo requests: one per feed, and one for urgent requests. One implementation for each kind of bus, because nothing about
/// lanes is the same on two of them.
/// </summary>
public interface ILanes
{
    /// <summary>
    /// Puts requests into their lanes, making the lanes first where they are new: one request is never lost for want of a queue. When this returns
    /// the bus has them.
    /// </summary>
    Task SendAsync(IReadOnlyList<PhotoRequested> requests, CancellationToken cancellation);

    /// <summary>How many of a feed's requests were sent and not taken up yet.</summary>
    Task<int> WaitingAsync(string feed, CancellationToken cancellation);

    /// <summary>A worker has finished its first try of a request.</summary>
    void Taken(PhotoRequested request);

    /// <summary>How many messages wait in each lane, and in the queues around them that hold what nobody takes up by itself.</summary>
    Task<IReadOnlyList<QueueDepth>> DepthsAsync(CancellationToken cancellation);
}

/// <summary>How many messages wait in a queue, those left out that a consumer has in hand.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Lane">The lane whose queue it is; null for another queue.</param>
/// <param name="Messages">The number.</param>
public sealed record QueueDepth(string Queue, string? Lane, int Messages);
