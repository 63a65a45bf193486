using ImagePipeline.FeedIngest.Feeds;
using ImagePipeline.TestSupport;
using static ImagePipeline.FeedIngest.Tests.Feeds.SomeFeed;
using static ImagePipeline.FeedIngest.Tests.Feeds.TinyServer;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

public sealed class FeedRetryTests
{
    readonly FeedReadingOptions _limits = new() { MaxTries = 3, RequestTimeout = TimeSpan.FromSeconds(77) };

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_passing_trouble_is_waited_out_with_growing_delay(int status)
    {
        var clock = new ImpatientClock(_limits.RequestTimeout);
        await using var server = await StartAsync(Status(status), Status(status), Json(Page(Property("A"))));

        Assert.Single(await Read(server, clock));
        Assert.Equal([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)], clock.Waits);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_asked_for_again()
    {
        await using var server = await StartAsync(Truncated, Json(Page(Property("A"))));

        Assert.Single(await Read(server, new ImpatientClock(_limits.RequestTimeout)));
    }

    [Fact]
    public async Task After_the_last_try_the_feed_is_unreadable()
    {
        await using var server = await StartAsync(Status(503));

        var e = await Unreadable(server, new ImpatientClock(_limits.RequestTimeout));

        Assert.Equal($"Feed some-mls: page 1 of {server.Url} could not be read in 3 tries; at the last, the server answered 503.", e.Message);
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData("30")]
    [InlineData("Mon, 01 Jun 2026 12:00:30 GMT")]
    public async Task Retry_After_is_obeyed(string retryAfter)
    {
        var clock = new ImpatientClock(_limits.RequestTimeout);
        await using var server = await StartAsync(Status(429, retryAfter), Json(Page(Property("A"))));

        Assert.Single(await Read(server, clock));
        Assert.Equal([TimeSpan.FromSeconds(30)], clock.Waits);
    }

    [Fact]
    public async Task A_Retry_After_longer_than_the_limit_ends_the_feed_at_once()
    {
        await using var server = await StartAsync(Status(429, "3600"));

        var e = await Unreadable(server, new ImpatientClock(_limits.RequestTimeout));

        Assert.Equal(
            $"Feed some-mls: page 1 of {server.Url}: the server answered 429 and asks to wait 01:00:00, longer than FeedIngest:Reading:LongestRetryDelay allows.",
            e.Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_delay_never_grows_over_the_limit()
    {
        _limits.LongestRetryDelay = TimeSpan.FromSeconds(3);
        var clock = new ImpatientClock(_limits.RequestTimeout);
        await using var server = await StartAsync(Status(503, "1"), Status(503, "1"), Json(Page(Property("A"))));

        Assert.Single(await Read(server, clock));
        Assert.Equal([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3)], clock.Waits);
    }

    [Theory]
    [InlineData(400, "the server answered 400.")]
    [InlineData(401, "the server answered 401; check the feed's Headers.")]
    [InlineData(404, "the server answered 404.")]
    [InlineData(501, "the server answered 501.")]
    public async Task A_lasting_refusal_is_not_asked_again(int status, string why)
    {
        await using var server = await StartAsync(Status(status));

        Assert.Equal($"Feed some-mls: page 1 of {server.Url}: {why}", (await Unreadable(server, new ImpatientClock(_limits.RequestTimeout))).Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up()
    {
        await using var server = await StartAsync(Never);

        var e = await Unreadable(server, new ImpatientClock(except: TimeSpan.Zero));

        Assert.EndsWith("could not be read in 3 tries; at the last, it took longer than 00:01:17.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_given_up_without_showing_more_than_its_host()
    {
        using var nowhere = new ClosedPort();

        var e = await Assert.ThrowsAsync<FeedUnreadableException>(() => Reader(_limits, new ImpatientClock(_limits.RequestTimeout))
            .ReadAsync(Id, Source($"{nowhere.Url}/secret?token=secret"), CancellationToken.None).ToList());

        Assert.Equal($"Feed some-mls: page 1 of {nowhere.Url} could not be read in 3 tries; at the last, there was no connection (ConnectionError).", e.Message);
    }

    [Fact]
    public async Task Whoever_cancels_is_not_told_of_a_timeout()
    {
        using var cancellation = new CancellationTokenSource();
        await using var server = await StartAsync(async context =>
        {
            await cancellation.CancelAsync();
            await Never(context);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Reader(_limits).ReadAsync(Id, Source(server.Url), cancellation.Token).ToList());
    }

    Task<List<FeedItem>> Read(TinyServer server, ImpatientClock clock) =>
        Reader(_limits, clock).ReadAsync(Id, Source(server.Url + "/v2/Property?access_token=secret"), CancellationToken.None).ToList();

    Task<FeedUnreadableException> Unreadable(TinyServer server, ImpatientClock clock) =>
        Assert.ThrowsAsync<FeedUnreadableException>(() => Read(server, clock));
}
