namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>A photo as one row of a feed gives it, before rows are sorted out among each other by <see cref="PhotoSet"/>.</summary>
sealed record PhotoRow
{
    public required string Url { get; init; }
    public string? Key { get; init; }
    public DateTimeOffset? ModifiedAt { get; init; }

    /// <summary>What rows are displayed by, lowest first; then by <see cref="Position"/>.</summary>
    public required decimal Place { get; init; }

    /// <summary>The position in the feed's list.</summary>
    public required int Position { get; init; }

    public int? Order { get; init; }
    public bool Preferred { get; init; }
    public string? Caption { get; init; }
    public string? Kind { get; init; }
    public IReadOnlyList<string> Alteration { get; init; } = [];
    public IReadOnlyList<string> Permissions { get; init; } = [];
    public DateTimeOffset? ExpiresAt { get; init; }
    public bool SingleUse { get; init; }
    public int? Width { get; init; }
    public int? Height { get; init; }

    /// <summary>The name of the size, where a feed gives each size of a picture a row of its own (RESO <c>ImageSizeDescription</c>).</summary>
    public string? Size { get; init; }

    /// <summary>The picture that this row is one size of (RESO <c>MediaObjectID</c>).</summary>
    public string? Picture { get; init; }

    public long Pixels => (long)(Width ?? 0) * (Height ?? 0);
}
