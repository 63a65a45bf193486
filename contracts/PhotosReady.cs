namespace ImagePipeline.Contracts;

/// <summary>
/// Sent by ListingNotifier, read by the website and by FeedIngest: these are a listing's photos, all of them, or exactly which are
/// missing and why. Sent at least once, with the same message id for the same announcement; every object it names is readable.
/// A subscriber applies an announcement only when its number is higher than the last one it applied.
/// </summary>
public sealed record PhotosReady
{
    /// <summary>The feed's id.</summary>
    public required string Feed { get; init; }

    /// <summary>The listing's key in the feed.</summary>
    public required string ListingKey { get; init; }

    /// <summary>The listing's id, and the correlation id.</summary>
    public required Guid ListingUid { get; init; }

    /// <summary>The MLS number people know the listing by.</summary>
    public required string? ListingId { get; init; }

    /// <summary>The generation of the listing that is announced.</summary>
    public required long Generation { get; init; }

    /// <summary>Grows with every announcement of the listing, also when the database was lost; numbers are left out.</summary>
    public required long Announcement { get; init; }

    /// <summary>True when every photo of the listing is stored.</summary>
    public required bool Complete { get; init; }

    /// <summary>True when nothing more will be tried without a change of the feed or a replay.</summary>
    public required bool Final { get; init; }

    /// <summary>The photo to show when only one is shown; null when none is stored.</summary>
    public required Guid? Primary { get; init; }

    /// <summary>The photos to show, in order.</summary>
    public required IReadOnlyList<ReadyPhoto> Photos { get; init; }

    /// <summary>The photos that are missing, in order.</summary>
    public required IReadOnlyList<MissingPhoto> Missing { get; init; }

    /// <summary>The key of the manifest that says the same as this message.</summary>
    public required string ManifestKey { get; init; }

    /// <summary>When the feed changed the listing.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>When the announcement was made.</summary>
    public required DateTimeOffset ReadyAt { get; init; }
}
