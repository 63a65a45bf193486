namespace ImagePipeline.Contracts;

/// <summary>
/// Sent by <c>imagepipe backfill</c>, read by ListingNotifier: photos of a listing that were stored before are stored in another profile
/// too, and are to be shown in that one. One message for a listing, so that it is announced once. Safe to repeat; of two, the one with the
/// higher <see cref="Backfill"/> holds. Every object it names is readable when this is sent.
/// </summary>
public sealed record ListingBackfilled
{
    /// <summary>The feed's id.</summary>
    public required string Feed { get; init; }

    /// <summary>The listing's key in the feed.</summary>
    public required string ListingKey { get; init; }

    /// <summary>The listing's id, and the correlation id.</summary>
    public required Guid ListingUid { get; init; }

    /// <summary>The generation of the listing in which the photos were found stored; what was deleted since then is not shown again.</summary>
    public required long Generation { get; init; }

    /// <summary>The number of the backfill: that of a later one is higher.</summary>
    public required long Backfill { get; init; }

    /// <summary>The profile and its hash, as in the renditions' keys.</summary>
    public required string Profile { get; init; }

    /// <summary>The photos, each in the version that it was found in; a photo that has another version meanwhile is left as it is.</summary>
    public required IReadOnlyList<BackfilledPhoto> Photos { get; init; }
}
