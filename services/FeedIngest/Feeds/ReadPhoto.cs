namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>One photo of a <see cref="ReadListing"/>.</summary>
public sealed record ReadPhoto
{
    /// <summary>The photo's key, unique within the listing: the feed's own, else one derived from what in the URL identifies the picture.</summary>
    public required string MediaKey { get; init; }

    /// <summary>Changes when the bytes change, and not when a URL is signed again.</summary>
    public required string Version { get; init; }

    /// <summary>Where the bytes are, exactly as the feed wrote it: signed URLs break when anything in them is written differently.
    /// May be empty or no URL at all; the download says so.</summary>
    public required string Url { get; init; }

    /// <summary>When the URL stops working, where the feed or the URL itself says so.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>True when the URL works once only.</summary>
    public bool SingleUse { get; init; }

    /// <summary>The order as the feed gives it; null where it gives none.</summary>
    public int? Order { get; init; }

    /// <summary>True for the photo to show when only one is shown.</summary>
    public bool Primary { get; init; }

    /// <summary>The text to show with the photo.</summary>
    public string? Caption { get; init; }

    /// <summary>What the picture is (RESO <c>MediaCategory</c>); <c>Photo</c> where the feed does not say.</summary>
    public string? Kind { get; init; }

    /// <summary>How the picture was altered (RESO <c>MediaAlteration</c>).</summary>
    public required IReadOnlyList<string> Alteration { get; init; }

    /// <summary>Who may see it (RESO <c>Permission</c>).</summary>
    public required IReadOnlyList<string> Permissions { get; init; }
}
