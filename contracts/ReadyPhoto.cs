namespace ImagePipeline.Contracts;

/// <summary>One photo of a <see cref="PhotosReady"/> that can be shown.</summary>
public sealed record ReadyPhoto
{
    /// <summary>The photo's id.</summary>
    public required Guid PhotoId { get; init; }

    /// <summary>The photo's key in the feed.</summary>
    public required string MediaKey { get; init; }

    /// <summary>The version that the renditions show.</summary>
    public required string Version { get; init; }

    /// <summary>True when a newer version is wanted and not stored yet: the renditions show the one before.</summary>
    public required bool Outdated { get; init; }

    /// <summary>The text to show with the photo.</summary>
    public required string? Caption { get; init; }

    /// <summary>What the picture is (RESO <c>MediaCategory</c>).</summary>
    public required string? Kind { get; init; }

    /// <summary>How the picture was altered (RESO <c>MediaAlteration</c>); a disclosure that must be shown.</summary>
    public required IReadOnlyList<string> Alteration { get; init; }

    /// <summary>Who may see it (RESO <c>Permission</c>).</summary>
    public required IReadOnlyList<string> Permissions { get; init; }

    /// <summary>The copyright text found in the original.</summary>
    public required string? Copyright { get; init; }

    /// <summary>SHA-256 of the original's bytes, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The bytes as the vendor served them. Not for the website.</summary>
    public required StoredImage Original { get; init; }

    /// <summary>The resized versions, in the profile's order.</summary>
    public required IReadOnlyList<StoredRendition> Renditions { get; init; }
}
