namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>A listing as its feed gave it: always the whole photo set, never a difference.</summary>
public sealed record ReadListing : FeedItem
{
    /// <summary>The feed's id; always a valid one.</summary>
    public required string Feed { get; init; }

    /// <summary>The listing's key in the feed: 1 to 255 characters, never blank.</summary>
    public required string ListingKey { get; init; }

    /// <summary>The number people know the listing by, where the feed gives one.</summary>
    public string? ListingId { get; init; }

    /// <summary>When the feed last changed the listing or its photos. <see cref="DateTimeOffset.UnixEpoch"/> where it does not say: the same
    /// at every read, so that reading twice changes nothing, and older than any real change.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>One sentence saying by what the feed withdrew the listing; null while it may be shown.</summary>
    public string? Withdrawn { get; init; }

    /// <summary>The photos in display order, exactly one of them primary, no key twice; empty for a withdrawn listing.</summary>
    public required IReadOnlyList<ReadPhoto> Photos { get; init; }
}
