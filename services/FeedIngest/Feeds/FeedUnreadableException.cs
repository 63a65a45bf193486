namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>
/// A feed, or the rest of it, cannot be read. The message is one sentence for a person that names the feed; of a URL it shows no more than scheme
/// and host.
/// </summary>
public sealed class FeedUnreadableException(string feed, string why, Exception? inner = null) : Exception($"Feed {feed}: {why}", inner)
{
    /// <summary>The feed's id.</summary>
    public string Feed { get; } = feed;
}
