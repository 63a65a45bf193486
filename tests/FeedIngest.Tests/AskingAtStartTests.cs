using ImagePipeline.Contracts;
using ImagePipeline.TestSupport;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.FeedIngest.Tests;

public sealed class AskingAtStartTests(PostgresServer postgres) : IAsyncLifetime
{
    static readonly string[] Keys = ["complete", "failed", "unfinished"];

    readonly TempFolder _folder = new();
    readonly FakeTimeProvider _clock = new(Some.Now);
    TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_a_process_before_left_unfinished_or_failed_is_asked_for_with_the_URLs_that_the_feed_gives_now()
    {
        await LeaveOverAsync();
        Write("fresh");

        await using var ingest = await StartAsync(("FeedIngest:AskAtStart", "true"));
        await ingest.ReadAsync();
        await ingest.SettleAsync();

        Assert.Equal([("failed", 1), ("unfinished", 1)], ingest.Heard.All<ListingPhotosChanged>().Select(l => (l.ListingKey, l.Ask)));
        Assert.Equal(
            [("failed", "a"), ("failed", "b"), ("unfinished", "a"), ("unfinished", "b")],
            ingest.Requested.Select(r => (r.ListingKey, r.MediaKey)).Order());
        Assert.All(ingest.Requested, r => Assert.EndsWith("signature=fresh", r.SourceUrl, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lost_requests_are_made_again_even_when_the_listing_has_changed_since()
    {
        await LeaveOverAsync();
        Write("fresh", caption: "Kitchen");

        await using var ingest = await StartAsync(("FeedIngest:AskAtStart", "true"));
        await ingest.ReadAsync();
        await ingest.SettleAsync();

        Assert.Equal(["complete", "failed", "unfinished"], ingest.Heard.All<ListingPhotosChanged>().Select(l => l.ListingKey));
        Assert.Equal(
            [("failed", "a"), ("failed", "b"), ("unfinished", "a"), ("unfinished", "b")],
            ingest.Requested.Select(r => (r.ListingKey, r.MediaKey)).Order());
    }

    [Fact]
    public async Task A_feed_that_cannot_be_read_any_more_is_asked_for_with_the_URLs_known_last()
    {
        await LeaveOverAsync();
        File.Delete(_folder["feed.ndjson"]);

        await using var ingest = await StartAsync(("FeedIngest:AskAtStart", "true"));
        await ingest.ReadAsync();
        await ingest.SettleAsync();

        Assert.Equal(["failed", "unfinished"], ingest.Heard.All<ListingPhotosChanged>().Select(l => l.ListingKey).Order());
        Assert.All(ingest.Requested, r => Assert.EndsWith("signature=first", r.SourceUrl, StringComparison.Ordinal));
        Assert.Equal(4, ingest.Requested.Count);
    }

    [Fact]
    public async Task What_one_process_asked_for_itself_is_not_left_over()
    {
        Write("first");
        await using var ingest = await StartAsync(("FeedIngest:AskAtStart", "true"));

        await ingest.ReadAsync();
        await ingest.SettleAsync();

        Assert.All(ingest.Heard.All<ListingPhotosChanged>(), l => Assert.Equal(0, l.Ask));
        Assert.Equal(6, ingest.Requested.Count);
    }

    [Fact]
    public async Task Without_asking_at_start_what_was_left_over_waits_for_its_time()
    {
        await LeaveOverAsync();
        Write("fresh");

        await using var ingest = await StartAsync();
        await ingest.ReadAsync();
        await ingest.SettleAsync();

        Assert.Empty(ingest.Heard.All<ListingPhotosChanged>());
        Assert.Empty(ingest.Requested);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Listings_of_other_feeds_are_asked_for_by_a_process_that_stays_and_not_by_a_single_run(bool watch)
    {
        await new FeedListingTable(_database.Database).SaveAsync(null, Some.Unfinished(feed: "other"), default);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Write("first");

        await using var ingest = await StartAsync(("FeedIngest:AskAtStart", "true"), ("FeedIngest:Watch", $"{watch}"));
        await ingest.ReadAsync();
        await ingest.SettleAsync();

        Assert.Equal(watch, ingest.Heard.All<ListingPhotosChanged>().Any(l => l.Feed == "other"));
    }

    [Fact]
    public async Task Listings_that_were_only_submitted_are_asked_for_by_a_single_run_of_their_feed()
    {
        await new FeedListingTable(_database.Database).SaveAsync(null, Some.Unfinished(feed: "bus-only", photos: Some.Photo("a")), default);
        _clock.Advance(TimeSpan.FromSeconds(1));

        await using var ingest = await StartAsync(
            ("FeedIngest:AskAtStart", "true"), ("FeedIngest:Watch", "false"), ("Feeds:bus-only:OutstandingPhotos", "10"));
        await ingest.ReadAsync();
        await ingest.SettleAsync("bus-only");

        Assert.Equal("bus-only", Assert.Single(ingest.Requested).Feed);
    }

    /// <summary>A process that read three listings and ended when one of them was complete, one had a failed photo, and one had nothing yet.</summary>
    async Task LeaveOverAsync()
    {
        Write("first");
        await using var ingest = await StartAsync();
        await ingest.ReadAsync();
        await ingest.SettleAsync();
        var failed = ingest.Heard.All<ListingPhotosChanged>().Single(l => l.ListingKey == "failed");
        foreach (var key in Keys[..2])
        {
            var told = ingest.Heard.All<ListingPhotosChanged>().Single(l => l.ListingKey == key);
            SettledMissing[] missing = key == "failed" ? [new(failed.Photos[0].PhotoId, failed.Photos[0].Version, MissingReason.Failed)] : [];
            await ingest.TellAsync(Some.Ready(Some.Feed, key, told.Generation, final: true, announcement: 1, missing));
        }
        _clock.Advance(TimeSpan.FromSeconds(1));
    }

    void Write(string signature, string? caption = null) => File.WriteAllLines(
        _folder["feed.ndjson"],
        Keys.Select(key => Some.Line(Some.Submitted(
            key,
            0,
            Some.SubmittedPhoto("a", caption, $"https://photos.example/{key}/a.jpg?signature={signature}"),
            Some.SubmittedPhoto("b", caption, $"https://photos.example/{key}/b.jpg?signature={signature}")))));

    Task<IngestHost> StartAsync(params (string, string)[] settings) =>
        IngestHost.StartAsync(_database, _clock, [($"Feeds:{Some.Feed}:Source", _folder["feed.ndjson"]), .. settings]);
}
