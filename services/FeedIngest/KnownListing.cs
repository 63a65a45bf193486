using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Feeds;

namespace ImagePipeline.FeedIngest;

/// <summary>What FeedIngest last said of a listing, and how far that has been announced.</summary>
sealed record KnownListing
{
    public required string Feed { get; init; }

    public required string ListingKey { get; init; }

    public Guid ListingUid => Identity.ListingUid(Feed, ListingKey);

    public string? ListingId { get; init; }

    public required long Generation { get; init; }

    /// <summary>How often this generation was asked for again.</summary>
    public int Ask { get; init; }

    public required DateTimeOffset AskedAt { get; init; }

    public required DateTimeOffset NextAskAt { get; init; }

    public string? Withdrawn { get; init; }

    public required string Fingerprint { get; init; }

    public required IReadOnlyList<ReadPhoto> Photos { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>The highest announcement heard.</summary>
    public long Announcement { get; init; }

    /// <summary>The last generation announced final since it was last asked for.</summary>
    public long FinalGeneration { get; init; }

    /// <summary>What the last announcement called rejected or failed.</summary>
    public IReadOnlyList<SettledMissing> Missing { get; init; } = [];

    public bool IsFinal => FinalGeneration >= Generation;

    public bool HasFailed => Missing.Any(m => m.Reason == MissingReason.Failed);

    /// <summary>Whether this is the very set and ask of <paramref name="other"/>.</summary>
    public bool IsSameAskAs(KnownListing other) => Generation == other.Generation && Ask == other.Ask;

    /// <summary>Whether whoever hears both this and <paramref name="told"/>, in any order, ends with this one.</summary>
    public bool Outranks(KnownListing told) =>
        Generation > told.Generation || (Generation == told.Generation && Fingerprint == told.Fingerprint && Ask >= told.Ask);

    public bool Is(ReadPhoto photo, MissingReason reason)
    {
        var id = Identity.PhotoId(ListingUid, photo.MediaKey);
        return Missing.Any(m => m.PhotoId == id && m.Version == photo.Version && m.Reason == reason);
    }
}

/// <summary>A photo version that was announced as missing for good.</summary>
sealed record SettledMissing(Guid PhotoId, string Version, MissingReason Reason);
