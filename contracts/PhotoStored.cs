namespace ImagePipeline.Contracts;

/// <summary>
/// Sent by PhotoWorker, read by ListingNotifier: the original and every rendition of one photo version are stored. Every object it
/// names is readable when this is sent.
/// </summary>
public sealed record PhotoStored
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

    /// <summary>The version stored.</summary>
    public required string Version { get; init; }

    /// <summary>The generation that asked; information only, results match by photo and version.</summary>
    public required long Generation { get; init; }

    /// <summary>The profile and its hash, as in the renditions' keys.</summary>
    public required string Profile { get; init; }

    /// <summary>The bytes as the vendor served them.</summary>
    public required StoredImage Original { get; init; }

    /// <summary>Every rendition of the profile, in the profile's order.</summary>
    public required IReadOnlyList<StoredRendition> Renditions { get; init; }

    /// <summary>SHA-256 of the original's bytes, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The copyright text found in the original, which the renditions no longer carry.</summary>
    public required string? Copyright { get; init; }

    /// <summary>True when nothing had to be downloaded or rendered for this request.</summary>
    public required bool AlreadyStored { get; init; }
}
