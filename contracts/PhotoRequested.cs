namespace ImagePipeline.Contracts;

/// <summary>
/// Sent by FeedIngest into a lane, read by PhotoWorker: this version of this photo is wanted. Sent at least once and safe to
/// repeat: what is already stored is answered without a download.
/// </summary>
public sealed record PhotoRequested
{
    /// <summary>The feed's id; also names the lane, unless the request is urgent.</summary>
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

    /// <summary>The generation of the listing that asked first.</summary>
    public required long Generation { get; init; }

    /// <summary>Where the bytes are, exactly as the feed wrote it: a lease, never an identity, and possibly a secret.</summary>
    public required string SourceUrl { get; init; }

    /// <summary>When the URL stops working, where it does.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>True when the URL works once only.</summary>
    public required bool SingleUse { get; init; }

    /// <summary>How many fresh URLs were fetched for this version before this one.</summary>
    public required int LeaseRefreshes { get; init; }

    /// <summary>True when someone is waiting for this listing.</summary>
    public required bool Urgent { get; init; }
}
