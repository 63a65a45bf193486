namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>One thing a feed said: a <see cref="ReadListing"/>, or a <see cref="RefusedRecord"/> where it could not be understood.</summary>
public abstract record FeedItem
{
    private protected FeedItem()
    {
    }
}
