namespace ImagePipeline.Contracts;

/// <summary>One photo of a <see cref="ListingBackfilled"/>.</summary>
public sealed record BackfilledPhoto
{
    /// <summary>The photo's id.</summary>
    public required Guid PhotoId { get; init; }

    /// <summary>The photo's key in the feed.</summary>
    public required string MediaKey { get; init; }

    /// <summary>The version that the renditions show.</summary>
    public required string Version { get; init; }

    /// <summary>The bytes as the vendor served them.</summary>
    public required StoredImage Original { get; init; }

    /// <summary>Every rendition of the profile, in the profile's order.</summary>
    public required IReadOnlyList<StoredRendition> Renditions { get; init; }

    /// <summary>SHA-256 of the original's bytes, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The copyright text found in the original, which the renditions no longer carry.</summary>
    public required string? Copyright { get; init; }
}
