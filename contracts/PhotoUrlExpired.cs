namespace ImagePipeline.Contracts;

/// <summary>
/// Sent by PhotoWorker, read by FeedIngest: the lease on a photo's bytes is over, a fresh URL is needed. FeedIngest reads the listing
/// again and asks with the fresh URL, a bounded number of times.
/// </summary>
public sealed record PhotoUrlExpired
{
    /// <summary>The feed's id.</summary>
    public required string Feed { get; init; }

    /// <summary>The listing's key in the feed.</summary>
    public required string ListingKey { get; init; }

    /// <summary>The listing's id, and the correlation id.</summary>
    public required Guid ListingUid { get; init; }

    /// <summary>The photo's id.</summary>
    public required Guid PhotoId { get; init; }

    /// <summary>The photo's key in the feed.</summary>
    public required string MediaKey { get; init; }

    /// <summary>The version wanted.</summary>
    public required string Version { get; init; }

    /// <summary>The generation that asked.</summary>
    public required long Generation { get; init; }

    /// <summary>How the lease ended.</summary>
    public required UrlExpiry Reason { get; init; }

    /// <summary>How many fresh URLs were fetched for this version before.</summary>
    public required int LeaseRefreshes { get; init; }

    /// <summary>True when someone is waiting for this listing.</summary>
    public required bool Urgent { get; init; }
}
