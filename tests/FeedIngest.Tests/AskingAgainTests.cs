using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.TestSupport;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.FeedIngest.Tests;

public sealed class AskingAgainTests : IAsyncLifetime
{
    static readonly TimeSpan Sweep = TimeSpan.FromSeconds(30);

    readonly FakeTimeProvider _clock = new(Some.Now);
    readonly WatchedTime _time;
    readonly PostgresServer _postgres;
    TestDatabase _database = null!;
    FeedListingTable _table = null!;

    public AskingAgainTests(PostgresServer postgres)
    {
        _postgres = postgres;
        _time = new WatchedTime(_clock);
    }

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, _postgres);
        _table = new FeedListingTable(_database.Database);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_listing_that_is_not_final_is_asked_for_again_and_each_time_later()
    {
        var listing = await SaveAsync("L1", Minutes(10));
        await using var ingest = await StartAsync(("FeedIngest:AskAgainAfter", "00:10:00"));

        await AdvanceAsync(ingest, Minutes(10));
        var first = await ingest.Heard.FirstAsync<ListingPhotosChanged>();
        Assert.Equal((listing.Generation, 1), (first.Generation, first.Ask));

        await AdvanceAsync(ingest, Minutes(19.5));
        Assert.Single(Told(ingest));

        await AdvanceAsync(ingest, Minutes(0.5));
        Assert.Equal([1, 2], Told(ingest).Select(l => l.Ask));

        await AdvanceAsync(ingest, Minutes(40));
        Assert.Equal([1, 2, 3], Told(ingest).Select(l => l.Ask));
        await ingest.SettleAsync();
        Assert.Equal(3, ingest.Requested.Count);
    }

    [Fact]
    public async Task A_listing_that_was_announced_final_is_not_asked_for_again()
    {
        var final = await SaveAsync("final", Minutes(10));
        var pending = await SaveAsync("pending", Minutes(10));
        await using var ingest = await StartAsync();
        await ingest.TellAsync(Some.Ready(final, final: true));
        await ingest.TellAsync(Some.Ready(pending, final: false));

        await AdvanceAsync(ingest, Minutes(10));

        Assert.Equal("pending", Assert.Single(Told(ingest)).ListingKey);
    }

    [Fact]
    public async Task A_listing_is_asked_for_again_without_what_was_rejected()
    {
        var listing = await SaveAsync("L1", Minutes(10), "a", "b");
        await using var ingest = await StartAsync();
        await ingest.TellAsync(Some.Ready(listing, final: false, announcement: 1, Some.Missing(listing, "a", MissingReason.Rejected)));

        await AdvanceAsync(ingest, Minutes(10));
        await ingest.SettleAsync();

        Assert.Equal(["a", "b"], Assert.Single(Told(ingest)).Photos.Select(p => p.MediaKey));
        Assert.Equal("b", Assert.Single(ingest.Requested).MediaKey);
    }

    [Fact]
    public async Task A_withdrawn_listing_is_taken_back_again_until_it_is_removed()
    {
        var listing = Some.Unfinished(due: Some.Now + Minutes(10)) with { Withdrawn = "It is off the market." };
        await _table.SaveAsync(null, listing, default);
        await using var ingest = await StartAsync(("FeedIngest:AskAgainAfter", "00:10:00"));

        await AdvanceAsync(ingest, Minutes(10));
        Assert.Single(ingest.Heard.All<ListingWithdrawn>());
        await ingest.TellAsync(Some.Removed(listing));
        await AdvanceAsync(ingest, Minutes(60));

        Assert.Single(ingest.Heard.All<ListingWithdrawn>());
    }

    [Fact]
    public async Task Nothing_is_asked_for_again_while_requests_of_its_feed_wait()
    {
        await SaveAsync("L1", Minutes(10));
        await SaveAsync("L2", Minutes(20));
        await using var ingest = await StartAsync();
        ingest.Hold(Some.Feed);
        await AdvanceAsync(ingest, Minutes(10));
        await ingest.Heard.FirstAsync<InLane>();

        await AdvanceAsync(ingest, Minutes(10));
        Assert.Equal(["L1"], Told(ingest).Select(l => l.ListingKey));

        ingest.Release(Some.Feed);
        await ingest.SettleAsync();
        await AdvanceAsync(ingest, Sweep);
        Assert.Equal(["L1", "L2"], Told(ingest).Select(l => l.ListingKey));
    }

    [Fact]
    public async Task Nothing_is_asked_for_again_while_its_feeds_gate_is_closed_but_what_is_urgent()
    {
        await SaveAsync("L1", Minutes(10));
        await SaveAsync("L2", Minutes(1000));
        await using var ingest = await StartAsync();
        ingest.Gates.Close(Gates.Feed(Some.Feed), TimeSpan.FromDays(1), "Suspended.");

        await AdvanceAsync(ingest, Minutes(20));
        Assert.Empty(Told(ingest));
        await ingest.TellAsync(new ListingPhotosRequested { Feed = Some.Feed, ListingKey = "L2", Reason = "Somebody waits.", Urgent = true });

        await ingest.Heard.UntilAsync<ListingPhotosChanged>(all => all.Any(l => l.ListingKey == "L2"));
        Assert.Single(Told(ingest));
    }

    [Fact]
    public async Task No_more_is_asked_for_again_than_may_be_outstanding_and_other_feeds_do_not_wait()
    {
        await SaveAsync("L1", Minutes(8), "a", "b");
        await SaveAsync("L2", Minutes(9), "a", "b");
        await SaveAsync("L3", Minutes(10), "a", "b");
        await using var ingest = await StartAsync(("Feeds:acme:OutstandingPhotos", "4"));
        ingest.Hold(Some.Feed);

        // Advancing waits for a listing of another feed, which comes after this one.
        await AdvanceAsync(ingest, Minutes(10));
        Assert.Equal(["L1", "L2"], Told(ingest).Select(l => l.ListingKey));
        Assert.Equal(4, await ingest.WaitingAsync(Some.Feed));

        ingest.Release(Some.Feed);
        await ingest.SettleAsync();
        await AdvanceAsync(ingest, Sweep);
        Assert.Equal(["L1", "L2", "L3"], Told(ingest).Select(l => l.ListingKey));
    }

    [Fact]
    public async Task A_database_that_fails_for_a_while_does_not_end_the_asking()
    {
        await SaveAsync("L1", Minutes(10));
        await using var ingest = await StartAsync();
        await ExecuteAsync("ALTER TABLE feed_listing RENAME TO gone");
        _clock.Advance(Minutes(10));
        _clock.Advance(Sweep);
        await ExecuteAsync("ALTER TABLE gone RENAME TO feed_listing");

        await AdvanceAsync(ingest, Sweep);

        Assert.Single(Told(ingest));
    }

    static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);

    static IReadOnlyList<ListingPhotosChanged> Told(IngestHost ingest) => [.. ingest.Heard.All<ListingPhotosChanged>().Where(l => l.Feed == Some.Feed)];

    async Task<IngestHost> StartAsync(params (string, string)[] settings)
    {
        var ingest = await IngestHost.StartAsync(_database, _time, [("FeedIngest:SweepInterval", Sweep.ToString()), .. settings]);
        await _time.UntilWaitedAsync(Sweep);
        return ingest;
    }

    async Task<KnownListing> SaveAsync(string key, TimeSpan dueIn, params string[] photos)
    {
        var listing = Some.Unfinished(key, due: Some.Now + dueIn, photos: [.. photos.DefaultIfEmpty("a").Select(p => Some.Photo(p))]);
        Assert.True(await _table.SaveAsync(null, listing, default));
        return listing;
    }

    /// <summary>
    /// Moves the clock, and waits until everything that is due then was asked for: until a listing was that becomes due last, of the feed that comes last.
    /// </summary>
    async Task AdvanceAsync(IngestHost ingest, TimeSpan by)
    {
        var marker = Some.Unfinished($"due {_clock.GetUtcNow() + by:O}", feed: "zzz", due: _clock.GetUtcNow() + by);
        Assert.True(await _table.SaveAsync(null, marker, default));
        _clock.Advance(by);
        await ingest.Heard.UntilAsync<ListingPhotosChanged>(all => all.Any(l => l.ListingKey == marker.ListingKey));
    }

    async Task ExecuteAsync(string sql)
    {
        await using var connection = await _database.Database.Source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
