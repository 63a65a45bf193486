namespace ImagePipeline.Contracts;

/// <summary>One photo of a <see cref="ListingPhotosSubmitted"/>.</summary>
public sealed record SubmittedPhoto
{
    /// <summary>Where the bytes are: http or https, used exactly as written.</summary>
    public required string Url { get; init; }

    /// <summary>The photo's key, unique within the listing. Without one the photo is known by what in its URL identifies it.</summary>
    public string? Key { get; init; }

    /// <summary>When the bytes last changed. Without it a new version is told by what in the URL identifies the bytes.</summary>
    public DateTimeOffset? ModifiedAt { get; init; }

    /// <summary>The place among the listing's photos, lowest first; the position in the list where absent.</summary>
    public int? Order { get; init; }

    /// <summary>True for the photo to show when only one is shown.</summary>
    public bool Preferred { get; init; }

    /// <summary>The text to show with the photo.</summary>
    public string? Caption { get; init; }

    /// <summary>What the picture is (RESO <c>MediaCategory</c>): <c>Photo</c> where absent.</summary>
    public string? Kind { get; init; }

    /// <summary>How the picture was altered (RESO <c>MediaAlteration</c>): a disclosure that must reach the website.</summary>
    public IReadOnlyList<string>? Alteration { get; init; }

    /// <summary>Who may see it (RESO <c>Permission</c>).</summary>
    public IReadOnlyList<string>? Permissions { get; init; }

    /// <summary>When the URL stops working, where it does.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>True when the URL works once only.</summary>
    public bool SingleUse { get; init; }
}
