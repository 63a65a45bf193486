using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Feeds;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

public sealed class FeedNameTests
{
    [Theory]
    [InlineData("page.json", "page")]
    [InlineData("/data/My Feed (2026).v2.ndjson", "my-feed-2026-v2")]
    [InlineData("C:\\feeds\\MRED.json", "mred")]
    [InlineData("feeds/", "feeds")]
    [InlineData(".hidden", "hidden")]
    [InlineData("---.json", "feed")]
    [InlineData("日本.json", "feed")]
    [InlineData("", "feed")]
    [InlineData("https://api.mlsgrid.com/v2/Property?$filter=x&access_token=secret", "api-mlsgrid-com-v2-property")]
    [InlineData("http://user:secret@127.0.0.1:5000/", "127-0-0-1")]
    public void A_source_gives_a_feed_id(string source, string id) => Assert.Equal(id, FeedName.From(source));

    [Fact]
    public void Long_sources_that_differ_at_the_end_have_different_ids()
    {
        var one = FeedName.From("https://api.example.test/a/very/long/path/to/a/data/set/of/listings/one");
        var other = FeedName.From("https://api.example.test/a/very/long/path/to/a/data/set/of/listings/two");

        Assert.NotEqual(one, other);
        Assert.All([one, other], id => Assert.True(FeedId.IsValid(id), id));
    }
}
