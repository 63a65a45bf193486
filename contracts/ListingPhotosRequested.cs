namespace ImagePipeline.Contracts;

/// <summary>
/// Sent by the website, operations or a sweeper, read by FeedIngest: this listing is to be read and asked for again. What is already
/// stored is not downloaded again.
/// </summary>
public sealed record ListingPhotosRequested
{
    /// <summary>The feed's id.</summary>
    public required string Feed { get; init; }

    /// <summary>The listing's key in the feed.</summary>
    public required string ListingKey { get; init; }

    /// <summary>One sentence: who asks, and why.</summary>
    public required string Reason { get; init; }

    /// <summary>True when someone is waiting: the listing's photos come before all others.</summary>
    public required bool Urgent { get; init; }
}
