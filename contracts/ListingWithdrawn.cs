namespace ImagePipeline.Contracts;

/// <summary>
/// Sent by FeedIngest, read by ListingNotifier: the feed no longer lets this listing be shown. All that is stored of it is deleted, and
/// <see cref="PhotosRemoved"/> follows.
/// </summary>
public sealed record ListingWithdrawn
{
    /// <summary>The feed's id.</summary>
    public required string Feed { get; init; }

    /// <summary>The listing's key in the feed.</summary>
    public required string ListingKey { get; init; }

    /// <summary>The listing's id, and the correlation id.</summary>
    public required Guid ListingUid { get; init; }

    /// <summary>Ordered with the generations of <see cref="ListingPhotosChanged"/>: the higher holds.</summary>
    public required long Generation { get; init; }

    /// <summary>One sentence: by what the feed said so.</summary>
    public required string Why { get; init; }
}
