namespace ImagePipeline.Contracts;

/// <summary>One photo of a <see cref="ListingPhotosChanged"/>: which photo, which version, and how to present it.</summary>
public sealed record ListedPhoto
{
    /// <summary>The photo's id.</summary>
    public required Guid PhotoId { get; init; }

    /// <summary>The photo's key in the feed.</summary>
    public required string MediaKey { get; init; }

    /// <summary>Changes when the photo's bytes change.</summary>
    public required string Version { get; init; }

    /// <summary>The order as the feed gives it; null where it gives none. The list itself is in order.</summary>
    public required int? Order { get; init; }

    /// <summary>True for the photo to show when only one is shown; at most one of a listing.</summary>
    public required bool Primary { get; init; }

    /// <summary>The text to show with the photo.</summary>
    public required string? Caption { get; init; }

    /// <summary>What the picture is (RESO <c>MediaCategory</c>).</summary>
    public required string? Kind { get; init; }

    /// <summary>How the picture was altered (RESO <c>MediaAlteration</c>); a disclosure that must be shown.</summary>
    public required IReadOnlyList<string> Alteration { get; init; }

    /// <summary>Who may see it (RESO <c>Permission</c>).</summary>
    public required IReadOnlyList<string> Permissions { get; init; }
}
