using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Feeds;

namespace ImagePipeline.FeedIngest.Tests;

public sealed class FeedIdTests
{
    [Theory]
    [InlineData("acme")]
    [InlineData("7")]
    [InlineData("mls-grid-2")]
    [InlineData("urgent-care")]
    public void These_are_ids(string id) => Assert.True(FeedId.IsValid(id));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-acme")]
    [InlineData("Acme")]
    [InlineData("acme.com")]
    [InlineData("acme\n")]
    [InlineData("123456789-123456789-123456789-123456789-123456789-1")]
    public void These_are_none(string? id) => Assert.False(FeedId.IsValid(id));

    [Theory]
    [InlineData("urgent")]
    [InlineData("unrouted")]
    public void Names_of_other_queues_than_feeds_are_no_ids_and_no_source_gets_them(string id)
    {
        Assert.False(FeedId.IsValid(id));
        Assert.Contains(id, FeedId.Rule, StringComparison.Ordinal);
        Assert.True(FeedId.IsValid(FeedName.From($"{id}.ndjson")));
    }
}
