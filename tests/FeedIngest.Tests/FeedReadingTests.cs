using ImagePipeline.Contracts;
using ImagePipeline.TestSupport;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.FeedIngest.Tests;

public sealed class FeedReadingTests : IAsyncLifetime
{
    static readonly TimeSpan ReadInterval = TimeSpan.FromMinutes(15);
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    readonly TempFolder _folder = new();
    readonly FakeTimeProvider _clock = new(Some.Now);
    readonly WatchedTime _time;
    readonly PostgresServer _postgres;
    TestDatabase _database = null!;

    public FeedReadingTests(PostgresServer postgres)
    {
        _postgres = postgres;
        _time = new WatchedTime(_clock);
    }

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, _postgres);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_listing_of_a_feed_is_told_and_each_photo_asked_for_once()
    {
        Write(Some.Submitted("L1", 0, Some.SubmittedPhoto("a"), Some.SubmittedPhoto("b", "Kitchen")), Some.Submitted("L2"));
        await using var ingest = await StartAsync();

        await ingest.ReadAsync();
        await ingest.SettleAsync();

        var told = ingest.Heard.All<ListingPhotosChanged>();
        Assert.Equal(["L1", "L2"], told.Select(l => l.ListingKey));
        Assert.Equal([("a", null), ("b", "Kitchen")], told[0].Photos.Select(p => (p.MediaKey, p.Caption)));
        Assert.Equal([(Some.Feed, "a"), (Some.Feed, "b")], ingest.Heard.All<InLane>().Select(r => (r.Lane, r.Request.MediaKey)).Order());
        Assert.All(ingest.Requested, r => Assert.Equal((told[0].ListingUid, told[0].Generation, 0), (r.ListingUid, r.Generation, r.LeaseRefreshes)));
        Assert.Equal((2, 0, null), (Status(ingest).Read, Status(ingest).Refused, Status(ingest).Failure));
    }

    [Fact]
    public async Task A_feed_read_again_tells_only_what_changed()
    {
        Write(Some.Submitted("L1", 0, Some.SubmittedPhoto("a")), Some.Submitted("L2", 0, Some.SubmittedPhoto("b")));
        await using var ingest = await StartAsync();
        await ingest.ReadAsync();
        await _time.UntilWaitedAsync(ReadInterval);

        Write(Some.Submitted("L1", 0, Some.SubmittedPhoto("a")), Some.Submitted("L2", 5), Some.Submitted("L3"));
        _clock.Advance(ReadInterval);
        await ingest.Heard.UntilAsync<ListingPhotosChanged>(all => all.Any(l => l.ListingKey == "L3"));

        Assert.Equal(["L1", "L2", "L2", "L3"], ingest.Heard.All<ListingPhotosChanged>().Select(l => l.ListingKey));
        await ingest.SettleAsync();
        Assert.Equal(["a", "b"], ingest.Requested.Select(r => r.MediaKey).Order());
    }

    [Fact]
    public async Task Without_watching_a_feed_is_read_once()
    {
        Write(Some.Submitted("L1"));
        await using var ingest = await StartAsync(("FeedIngest:Watch", "false"));
        await ingest.ReadAsync();
        // The sweep is the last thing that is started; it alone waits now.
        await _time.UntilWaitedAsync(TimeSpan.FromSeconds(30));

        Write(Some.Submitted("L2"));
        _clock.Advance(TimeSpan.FromDays(1));
        await ingest.SettleAsync();

        Assert.Equal(1, Status(ingest).Read);
    }

    [Fact]
    public async Task Killed_between_telling_and_saving_it_tells_again_under_a_higher_generation()
    {
        Write(Some.Submitted("L1", 0, Some.SubmittedPhoto("a")));
        ListingPhotosChanged before;
        await using (var killed = await StartAsync())
        {
            await killed.ReadAsync();
            await killed.SettleAsync();
            before = Assert.Single(killed.Heard.All<ListingPhotosChanged>());
        }
        await using var lost = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, _postgres);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        await using var ingest = await IngestHost.StartAsync(lost, _time, Feed());
        await ingest.ReadAsync();
        await ingest.SettleAsync();

        var after = Assert.Single(ingest.Heard.All<ListingPhotosChanged>());
        Assert.True(after.Generation > before.Generation);
        Assert.Equal(after.Generation, Assert.Single(ingest.Requested).Generation);
    }

    [Fact]
    public async Task A_withdrawn_listing_is_told_as_withdrawn()
    {
        Write(Some.Submitted("L1", 0, Some.SubmittedPhoto("a")), Some.Submitted("L1", 1) with { Withdrawn = true }, Some.Submitted("never known") with { Withdrawn = true });
        await using var ingest = await StartAsync();

        await ingest.ReadAsync();
        await ingest.SettleAsync();

        var withdrawn = Assert.Single(ingest.Heard.All<ListingWithdrawn>());
        Assert.Equal("L1", withdrawn.ListingKey);
        Assert.True(withdrawn.Generation > ingest.Heard.All<ListingPhotosChanged>()[0].Generation);
    }

    [Fact]
    public async Task A_refused_record_is_counted_and_the_rest_is_read()
    {
        await File.WriteAllLinesAsync(_folder["feed.ndjson"], [Some.Line(Some.Submitted("L1")), "{ broken", Some.Line(Some.Submitted("L2"))]);
        await using var ingest = await StartAsync();

        await ingest.ReadAsync();

        Assert.Equal((2, 1, null), (Status(ingest).Read, Status(ingest).Refused, Status(ingest).Failure));
    }

    [Fact]
    public async Task A_feed_that_cannot_be_read_is_a_failure_of_that_feed_alone()
    {
        Write(Some.Submitted("L1", 0, Some.SubmittedPhoto("a")));
        await using var ingest = await StartAsync(("Feeds:broken:Source", _folder["missing.ndjson"]));

        await ingest.ReadAsync();
        await ingest.SettleAsync();

        Assert.StartsWith("Feed broken: the file", Status(ingest, "broken").Failure, StringComparison.Ordinal);
        Assert.Null(Status(ingest).Failure);
        Assert.Single(ingest.Requested);
    }

    [Fact]
    public async Task A_feed_that_can_be_read_again_has_no_failure_any_more()
    {
        await using var ingest = await StartAsync();
        await ingest.ReadAsync();
        Assert.NotNull(Status(ingest).Failure);
        await _time.UntilWaitedAsync(ReadInterval);

        Write(Some.Submitted("L1"));
        _clock.Advance(ReadInterval);
        await ingest.Heard.FirstAsync<ListingPhotosChanged>();
        await _time.UntilWaitedAsync(ReadInterval, times: 2);
        Write(Some.Submitted("L2"));
        _clock.Advance(ReadInterval);
        await ingest.Heard.UntilAsync<ListingPhotosChanged>(2);

        Assert.Null(Status(ingest).Failure);
    }

    [Fact]
    public async Task A_database_that_fails_is_a_failure_of_the_reading_and_the_next_one_makes_up_for_it()
    {
        Write(Some.Submitted("L1"));
        await ExecuteAsync("ALTER TABLE feed_listing RENAME TO gone");
        await using var ingest = await StartAsync();

        await ingest.ReadAsync();

        Assert.StartsWith("Feed acme: the database failed: ", Status(ingest).Failure, StringComparison.Ordinal);
        await _time.UntilWaitedAsync(ReadInterval);
        await ExecuteAsync("ALTER TABLE gone RENAME TO feed_listing");
        _clock.Advance(ReadInterval);
        await ingest.Heard.FirstAsync<ListingPhotosChanged>();
    }

    [Fact]
    public async Task A_file_may_speak_of_other_feeds_than_its_own()
    {
        Write(Some.Submitted("L1") with { Feed = "other" }, Some.Submitted("L1"));
        await using var ingest = await StartAsync();

        await ingest.ReadAsync();

        Assert.Equal((1, 1), (Status(ingest).Read, Status(ingest, "other").Read));
    }

    [Fact]
    public async Task More_feeds_than_allowed_are_a_failure_of_the_feed_that_brings_them()
    {
        Write(Some.Submitted("L1"), Some.Submitted("L1") with { Feed = "other" });
        await using var ingest = await StartAsync(("FeedIngest:MaxFeeds", "1"));

        await ingest.ReadAsync();

        Assert.Contains("FeedIngest__MaxFeeds", Status(ingest).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_is_read_only_as_fast_as_its_photos_are_taken_up()
    {
        const int listings = 6;
        Write([.. Enumerable.Range(1, listings).Select(n => Some.Submitted($"L{n}", 0, Some.SubmittedPhoto("a"), Some.SubmittedPhoto("b")))]);
        var time = new WatchedTime(TimeProvider.System);
        await using var ingest = await IngestHost.StartAsync(_database, time, held: Some.Feed, [.. Feed(), ("Feeds:acme:OutstandingPhotos", "4")]);

        await time.UntilWaitedAsync(Look);
        Assert.Equal((4, 2), (await ingest.WaitingAsync(Some.Feed), Status(ingest).Read));

        ingest.Release(Some.Feed);
        await ingest.ReadAsync();
        await ingest.SettleAsync();
        Assert.Equal(2 * listings, ingest.Requested.Count);
    }

    [Fact]
    public async Task A_listing_larger_than_what_may_be_outstanding_passes_alone()
    {
        Write(Some.Submitted("L1", 0, [.. Enumerable.Range(1, 5).Select(n => Some.SubmittedPhoto($"p{n}"))]));
        await using var ingest = await StartAsync(("Feeds:acme:OutstandingPhotos", "2"));

        await ingest.ReadAsync();
        await ingest.SettleAsync();

        Assert.Equal(5, ingest.Requested.Count);
    }

    void Write(params ListingPhotosSubmitted[] listings) => File.WriteAllLines(_folder["feed.ndjson"], listings.Select(Some.Line));

    (string, string)[] Feed() => [($"Feeds:{Some.Feed}:Source", _folder["feed.ndjson"])];

    Task<IngestHost> StartAsync(params (string, string)[] settings) => IngestHost.StartAsync(_database, _time, [.. Feed(), .. settings]);

    static FeedStatus Status(IngestHost ingest, string feed = Some.Feed) => ingest.Statuses.All.Single(f => f.Feed == feed);

    async Task ExecuteAsync(string sql)
    {
        await using var connection = await _database.Database.Source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
