namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>A record that could not be understood. The rest of the feed is read all the same.</summary>
public sealed record RefusedRecord : FeedItem
{
    /// <summary>Where it is: <c>record 17 of page.json</c>, <c>line 3 of listings.ndjson</c>.</summary>
    public required string Where { get; init; }

    /// <summary>One sentence for a person.</summary>
    public required string Why { get; init; }

    /// <summary>The listing it speaks of, where that much could be read.</summary>
    public string? ListingKey { get; init; }
}
