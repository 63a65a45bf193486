namespace ImagePipeline.Contracts;

/// <summary>
/// Sent by an ingestion system, read by FeedIngest: what a listing's photos now are. Always the whole set, never a difference.
/// Ingestion systems send this and nothing else; ids, versions and generations are FeedIngest's to give. The same shape, as
/// camel-case JSON, is one line of an NDJSON feed. Safe to send again: the same content changes nothing.
/// </summary>
public sealed record ListingPhotosSubmitted
{
    /// <summary>The feed's id (see <see cref="FeedId.Rule"/>).</summary>
    public required string Feed { get; init; }

    /// <summary>The listing's key, unique within the feed; 1 to 255 characters, may be a URI.</summary>
    public required string ListingKey { get; init; }

    /// <summary>When the source last changed the listing or its photos.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>All photos of the listing, possibly none.</summary>
    public required IReadOnlyList<SubmittedPhoto> Photos { get; init; }

    /// <summary>True when the source no longer lets the listing be shown: everything stored of it is deleted.</summary>
    public bool Withdrawn { get; init; }

    /// <summary>The number people know the listing by (RESO <c>ListingId</c>), when there is one.</summary>
    public string? ListingId { get; init; }
}
