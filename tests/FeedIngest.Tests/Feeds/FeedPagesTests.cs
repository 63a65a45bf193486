using ImagePipeline.FeedIngest.Feeds;
using static ImagePipeline.FeedIngest.Tests.Feeds.SomeFeed;
using static ImagePipeline.FeedIngest.Tests.Feeds.TinyServer;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

public sealed class FeedPagesTests
{
    [Fact]
    public async Task Pages_are_followed_by_their_links_exactly_as_written()
    {
        const string Next = "/v2/Property?$skiptoken=a%2Fb%7Ec==&x=%41&e=%e4";
        await using var server = await StartAsync(Json(Page("{BASE}" + Next, Property("A"))), Json(Page(Property("B"))));

        Assert.Equal(["A", "B"], Keys(await Read(server)));
        Assert.Equal(["/v2/Property?$expand=Media", Next], server.Targets);
    }

    [Fact]
    public async Task A_relative_link_is_followed()
    {
        await using var server = await StartAsync(Json(Page("Property?$skip=1", Property("A"))), Json(Page(Property("B"))));

        await Read(server);

        Assert.Equal("/v2/Property?$skip=1", server.Targets.Last());
    }

    [Fact]
    public async Task A_page_is_asked_for_only_when_the_one_before_is_used_up()
    {
        await using var server = await StartAsync(Json(Page("{BASE}/2", Property("A"), Property("B"))), Json(Page(Property("C"))));

        await foreach (var item in Reader().ReadAsync(Id, Source(server.Url), CancellationToken.None))
        {
            if (item is ReadListing { ListingKey: "B" }) break;
        }

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task The_feeds_headers_go_with_each_request_and_compressed_JSON_is_asked_for()
    {
        await using var server = await StartAsync(Gzip(Page("/2", Property("A"))), Json(Page()));
        var options = Source(server.Url + "/v2/Property");
        options.Headers["User-Agent"] = "a1b2/c3==(not a product";
        options.Headers["Authorization"] = "Bearer secret";

        Assert.Equal(["A"], Keys(await Reader().ReadAsync(Id, options, CancellationToken.None).ToList()));

        Assert.Equal(2, server.Requests.Count);
        Assert.All(server.Requests, request => Assert.Equal(
            ("a1b2/c3==(not a product", "Bearer secret", "gzip", "application/json"),
            (request.Headers["User-Agent"].ToString(), request.Headers["Authorization"].ToString(), request.Headers["Accept-Encoding"].ToString(), request.Headers["Accept"].ToString())));
    }

    [Theory]
    [InlineData("http://elsewhere.example.test/Property?token=secret", "http://elsewhere.example.test")]
    [InlineData("https://127.0.0.1/Property?token=secret", "https://127.0.0.1")]
    [InlineData("//elsewhere.example.test/Property", "http://elsewhere.example.test")]
    public async Task A_link_to_another_server_is_not_followed(string link, string shown)
    {
        await using var server = await StartAsync(Json(Page(link, Property("A"))));

        var e = await Unreadable(server);

        Assert.Equal($"Feed some-mls: page 1 of {server.Url} has an @odata.nextLink to another server, {shown}, which is not followed.", e.Message);
    }

    [Fact]
    public async Task A_redirect_is_followed_on_the_same_server_only()
    {
        await using var server = await StartAsync(Status(301, location: "/v3/Property"), Json(Page(Property("A"))));
        await using var other = await StartAsync(Status(302, location: "http://elsewhere.example.test/secret"));

        Assert.Equal(["A"], Keys(await Read(server)));
        Assert.Equal("/v3/Property", server.Targets.Last());
        Assert.Equal(
            $"Feed some-mls: page 1 of {other.Url} is redirected to another server, http://elsewhere.example.test, which is not followed.",
            (await Unreadable(other)).Message);
    }

    [Fact]
    public async Task Redirects_without_end_are_unreadable()
    {
        await using var server = await StartAsync(Status(302, location: "/v2/Property"));

        Assert.EndsWith("is redirected again and again.", (await Unreadable(server)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_that_lead_in_a_circle_are_unreadable()
    {
        await using var server = await StartAsync(Json(Page("{BASE}/2")), Json(Page("{BASE}/v2/Property?$expand=Media")));

        Assert.EndsWith("leads back to a page that was read before.", (await Unreadable(server)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_pages_than_the_limit_name_the_setting()
    {
        var page = 0;
        await using var server = await StartAsync(context => Json(Page($"{{BASE}}/{++page}"))(context));

        var e = await Unreadable(server, new FeedReadingOptions { MaxPages = 3 });

        Assert.Equal($"Feed some-mls: {server.Url} has more than 3 pages (FeedIngest:Reading:MaxPages).", e.Message);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_page_larger_than_the_limit_after_decompression_names_the_setting()
    {
        await using var server = await StartAsync(Gzip(Page(Property(new string('k', 100_000)))));

        var e = await Unreadable(server, new FeedReadingOptions { MaxPageBytes = 2_000 });

        Assert.EndsWith("is larger than 2,000 bytes (FeedIngest:Reading:MaxPageBytes).", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_with_broken_JSON_ends_the_feed_and_names_the_page()
    {
        await using var server = await StartAsync(Json(Page("{BASE}/2", Property("A"))), Json("{\"value\":[{]}"));

        Assert.Equal($"Feed some-mls: page 2 of {server.Url} is broken JSON at line 1, byte 12.", (await Unreadable(server)).Message);
    }

    [Fact]
    public async Task One_listing_is_asked_for_within_the_sources_own_filter()
    {
        await using var server = await StartAsync(Json(Page(Property("other"), Property("O'Hare 1", Media()))));
        var source = server.Url + "/v2/Property?$filter=OriginatingSystemName%20eq%20%27actris%27%20or%20a%20eq%201&$expand=Media";

        var listing = await Reader().ReadListingAsync(Id, Source(source), "O'Hare 1", CancellationToken.None);

        Assert.Equal("O'Hare 1", listing?.ListingKey);
        Assert.Equal(
            "/v2/Property?$filter=(OriginatingSystemName%20eq%20%27actris%27%20or%20a%20eq%201)%20and%20ListingKey%20eq%20%27O%27%27Hare%201%27&$expand=Media",
            Assert.Single(server.Targets));
    }

    [Theory]
    [InlineData("/v2/Property", "/v2/Property?$filter=ListingKey%20eq%20%27A%27")]
    [InlineData("/v2/Property?$expand=Media&access_token=t", "/v2/Property?$expand=Media&access_token=t&$filter=ListingKey%20eq%20%27A%27")]
    [InlineData("/v2/Property?%24filter=x%20eq%201", "/v2/Property?$filter=(x%20eq%201)%20and%20ListingKey%20eq%20%27A%27")]
    public async Task A_source_with_or_without_a_query_gets_the_filter(string source, string target)
    {
        await using var server = await StartAsync(Json(Page()));

        Assert.Null(await Reader().ReadListingAsync(Id, Source(server.Url + source), "A", CancellationToken.None));
        Assert.Equal(target, Assert.Single(server.Targets));
    }

    static async Task<List<FeedItem>> Read(TinyServer server, FeedReadingOptions? limits = null) =>
        await Reader(limits).ReadAsync(Id, Source(server.Url + "/v2/Property?$expand=Media"), CancellationToken.None).ToList();

    static Task<FeedUnreadableException> Unreadable(TinyServer server, FeedReadingOptions? limits = null) =>
        Assert.ThrowsAsync<FeedUnreadableException>(() => Read(server, limits));

    static IEnumerable<string> Keys(List<FeedItem> items) => items.OfType<ReadListing>().Select(listing => listing.ListingKey);
}
