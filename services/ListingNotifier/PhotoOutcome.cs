using System.Text.Json.Serialization;
using ImagePipeline.Contracts;

namespace ImagePipeline.ListingNotifier;

/// <summary>How one version of one photo was settled.</summary>
public sealed record PhotoOutcome
{
    /// <summary>The photo.</summary>
    public required Guid PhotoId { get; init; }

    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>The generation that asked.</summary>
    public required long Generation { get; init; }

    /// <summary>Stored, rejected or failed; a better one replaces a worse one, never the other way round.</summary>
    public required OutcomeKind Kind { get; init; }

    /// <summary>Which way the data is bad; null unless rejected.</summary>
    public PhotoRejection? Rejection { get; init; }

    /// <summary>One sentence on a rejection or failure.</summary>
    public string? Detail { get; init; }

    /// <summary>What is stored; null unless stored.</summary>
    public StoredPhoto? Stored { get; init; }
}

/// <summary>The kinds of outcome, from the worst to the best.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OutcomeKind>))]
public enum OutcomeKind
{
    /// <summary>All tries failed.</summary>
    Failed,

    /// <summary>The data is bad.</summary>
    Rejected,

    /// <summary>Original and renditions are stored.</summary>
    Stored,
}

/// <summary>What an announcement says of a stored photo.</summary>
public sealed record StoredPhoto
{
    /// <summary>The profile and its hash.</summary>
    public required string Profile { get; init; }

    /// <summary>The bytes as served.</summary>
    public required StoredImage Original { get; init; }

    /// <summary>The resized versions.</summary>
    public required IReadOnlyList<StoredRendition> Renditions { get; init; }

    /// <summary>SHA-256 of the original.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The copyright text found in the original.</summary>
    public required string? Copyright { get; init; }

    internal static StoredPhoto Of(PhotoStored m) => new()
    {
        Profile = m.Profile,
        Original = m.Original,
        Renditions = m.Renditions,
        Sha256 = m.Sha256,
        Copyright = m.Copyright,
    };

    internal static StoredPhoto Of(string profile, BackfilledPhoto photo) => new()
    {
        Profile = profile,
        Original = photo.Original,
        Renditions = photo.Renditions,
        Sha256 = photo.Sha256,
        Copyright = photo.Copyright,
    };
}
