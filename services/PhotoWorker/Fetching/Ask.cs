using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>One try at one photo, and all that decides how its answer is read.</summary>
sealed record Ask(PhotoRequested Request, Uri Url, FeedOptions Feed, int EarlierTries, GatePass Pass)
{
    /// <summary>Whether the URL is a lease, so that a refusal means that it has ended.</summary>
    public bool IsLease => Request.SingleUse || Request.ExpiresAt is not null;

    /// <summary>Whether the photo had its one more look after it was gone. A single-use URL cannot be asked again: its second look is with
    /// a fresh URL, in another message.</summary>
    public bool WasLookedForBefore => Request.SingleUse ? Request.LeaseRefreshes > 0 : EarlierTries > 0;
}
