using ImagePipeline.Contracts;
using ImagePipeline.TestSupport;
using MassTransit;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.FeedIngest.Tests;

public sealed class TwoProcessesOnSqliteTests(PostgresServer postgres, ITestOutputHelper output) : TwoProcessesTests(DatabaseKind.Sqlite, postgres, output);

public sealed class TwoProcessesOnPostgreSqlTests(PostgresServer postgres, ITestOutputHelper output) : TwoProcessesTests(DatabaseKind.PostgreSql, postgres, output);

/// <summary>Two FeedIngests with one database, each on a bus of its own, as if the broker had given each a part of the messages.</summary>
public abstract class TwoProcessesTests : IAsyncLifetime
{
    static readonly TimeSpan ReadInterval = TimeSpan.FromMinutes(15);
    static readonly TimeSpan ClaimTime = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Sweep = TimeSpan.FromSeconds(30);

    readonly TempFolder _folder = new();
    readonly FakeTimeProvider _clock = new(Some.Now);
    readonly WatchedTime _time;
    readonly WatchedTime _others;
    readonly DatabaseKind _kind;
    readonly PostgresServer _postgres;
    readonly ITestOutputHelper _output;
    TestDatabase _database = null!;

    protected TwoProcessesTests(DatabaseKind kind, PostgresServer postgres, ITestOutputHelper output)
    {
        (_kind, _postgres, _output) = (kind, postgres, output);
        _time = new WatchedTime(_clock);
        _others = new WatchedTime(_clock);
    }

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(_kind, _postgres);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_feed_is_read_by_one_of_two_and_once_in_each_interval()
    {
        Write(Some.Submitted("L1"));
        // Many steps of the clock that is moved below: a claim is not to run out before it is seen.
        var claimed = ("FeedIngest:ClaimTime", "00:10:00");
        await using var one = await StartAsync(_time, claimed);
        await _time.UntilWaitedAsync(ReadInterval);
        await using var other = await StartAsync(_others, claimed);
        await _others.UntilWaitedAsync(ReadInterval);

        for (var n = 2; n <= 5; n++)
        {
            Write([.. Enumerable.Range(1, n).Select(i => Some.Submitted($"L{i}"))]);
            await UntilReadAgainAsync();
        }

        Assert.Equal(5 + 4 + 3 + 2 + 1, Read(one) + Read(other));
        // Nobody announces here, so the first ones are asked for again.
        Assert.Equal(["L1", "L2", "L3", "L4", "L5"], Told(one).Concat(Told(other)).Where(l => l.Ask == 0).Select(l => l.ListingKey).Order());
    }

    [Fact]
    public async Task A_service_started_again_in_the_middle_of_an_interval_reads_when_it_is_due()
    {
        Write(Some.Submitted("L1"));
        await using (var before = await StartAsync(_time))
            await _time.UntilWaitedAsync(ReadInterval);
        Write(Some.Submitted("L2"));
        _clock.Advance(TimeSpan.FromMinutes(5));

        await using var after = await StartAsync(_others);
        await after.ReadAsync();
        await _others.UntilWaitedAsync(TimeSpan.FromMinutes(10));
        Assert.Empty(Told(after));

        _clock.Advance(TimeSpan.FromMinutes(10));
        await after.Heard.FirstAsync<ListingPhotosChanged>();
        Assert.Equal("L2", Assert.Single(Told(after)).ListingKey);
    }

    [Fact]
    public async Task A_feed_is_left_to_the_one_that_reads_it_for_as_long_as_that_takes()
    {
        Write(Some.Submitted("L1", 0, Some.SubmittedPhoto("a")), Some.Submitted("L2", 0, Some.SubmittedPhoto("b")));
        await using var one = await IngestHost.StartAsync(_database, _time, held: Some.Feed, [.. Feed(), ("Feeds:acme:OutstandingPhotos", "1")]);
        await _time.UntilWaitedAsync(TimeSpan.FromMilliseconds(50));
        await using var other = await StartAsync(_others);
        await _others.UntilWaitedAsync(ClaimTime);

        for (var renewals = 0; renewals < 30; renewals++)
        {
            var kept = (await CursorAsync())!.ClaimedUntil;
            _clock.Advance(ClaimTime / 3);
            await Eventually.IsSoAsync(async () => (await CursorAsync())!.ClaimedUntil > kept);
        }

        Assert.Equal((1, 0), (Read(one), Read(other)));
    }

    [Fact]
    public async Task What_one_was_killed_over_another_reads_from_the_beginning_when_the_claim_is_over()
    {
        Write(Some.Submitted("L1"));
        await new FeedCursorTable(_database.Database).ClaimAsync(Some.Feed, _clock.GetUtcNow() + ClaimTime, _clock.GetUtcNow(), _clock.GetUtcNow(), default);

        await using var other = await StartAsync(_time);
        await _time.UntilWaitedAsync(ClaimTime);
        Assert.Equal(0, Read(other));

        _clock.Advance(ClaimTime);
        await other.Heard.FirstAsync<ListingPhotosChanged>();
    }

    [Fact]
    public async Task The_only_process_takes_over_what_its_predecessor_has_claimed_and_read()
    {
        Write(Some.Submitted("L1"));
        await using (var before = await StartAsync(_time))
            await _time.UntilWaitedAsync(ReadInterval);
        await new FeedCursorTable(_database.Database).ClaimAsync(
            Some.Feed, _clock.GetUtcNow() + ClaimTime, DateTimeOffset.MaxValue, DateTimeOffset.MaxValue, default);

        await using var only = await StartAsync(_others, ("FeedIngest:AskAtStart", "true"), ("FeedIngest:Watch", "false"));
        await only.ReadAsync();

        Assert.Equal(1, Read(only));
    }

    [Fact]
    public async Task One_that_was_frozen_until_another_had_taken_over_says_nothing_any_more()
    {
        Write(Some.Submitted("L1", 0, Some.SubmittedPhoto("a")), Some.Submitted("L2", 0, Some.SubmittedPhoto("b")));
        await using var frozen = await IngestHost.StartAsync(
            _database, _time, held: Some.Feed, [.. Feed(), ("FeedIngest:Watch", "false"), ("Feeds:acme:OutstandingPhotos", "1")]);
        await _time.UntilWaitedAsync(TimeSpan.FromMilliseconds(50));
        Assert.NotNull(await new FeedCursorTable(_database.Database).ClaimAsync(
            Some.Feed, _clock.GetUtcNow() + ClaimTime, DateTimeOffset.MaxValue, DateTimeOffset.MaxValue, default));

        _clock.Advance(ClaimTime / 3);
        await frozen.ReadAsync();

        Assert.Equal(1, Read(frozen));
        Assert.Contains("taken over", frozen.Statuses.All[0].Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listing_that_is_due_is_asked_for_by_one_of_two()
    {
        const int listings = 60;
        var table = new FeedListingTable(_database.Database);
        for (var n = 0; n < listings; n++)
            Assert.True(await table.SaveAsync(null, Some.Unfinished($"L{n}", due: Some.Now + Sweep, photos: Some.Photo("a")), default));
        await using var one = await IngestHost.StartAsync(_database, _time, ("FeedIngest:SweepInterval", Sweep.ToString()));
        await using var other = await IngestHost.StartAsync(_database, _others, ("FeedIngest:SweepInterval", Sweep.ToString()));
        await _time.UntilWaitedAsync(Sweep);
        await _others.UntilWaitedAsync(Sweep);

        _clock.Advance(Sweep);
        await Eventually.IsSoAsync(async () => (await table.FindDueAsync(Some.Feed, Some.Now + Sweep, default)).Count == 0);
        // Asked for after they are told.
        await Eventually.IsSoAsync(() => one.Requested.Count + other.Requested.Count >= listings);
        await one.SettleAsync();
        await other.SettleAsync();

        _output.WriteLine($"{Told(one).Count} and {Told(other).Count}");
        Assert.Equal(listings, Told(one).Concat(Told(other)).Select(l => l.ListingKey).Distinct().Count());
        Assert.All(Told(one).Concat(Told(other)), l => Assert.Equal(1, l.Ask));
        Assert.Equal(listings, one.Requested.Count + other.Requested.Count);
    }

    [Fact]
    public async Task Submissions_of_one_listing_in_two_processes_end_with_the_newest_known_told_and_under_the_highest_generation()
    {
        const int listings = 20;
        const int changes = 8;
        var seed = Random.Shared.Next();
        _output.WriteLine($"seed {seed}");
        await using var one = await IngestHost.StartAsync(_database, TimeProvider.System);
        await using var other = await IngestHost.StartAsync(_database, TimeProvider.System);

        ListingPhotosSubmitted[] submitted =
        [
            .. from listing in Enumerable.Range(0, listings)
               from change in Enumerable.Range(1, changes)
               select Some.Submitted($"L{listing}", change, [.. Enumerable.Range(1, change).Select(p => Some.SubmittedPhoto($"p{p}"))]),
        ];
        new Random(seed).Shuffle(submitted);
        await Parallel.ForEachAsync(
            submitted.Select((s, i) => (Submission: s, To: i % 2 == 0 ? one : other)),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (each, _) => await each.To.PublishAsync(each.Submission));
        await one.Heard.UntilAsync<Handled<ListingPhotosSubmitted>>((submitted.Length + 1) / 2);
        await other.Heard.UntilAsync<Handled<ListingPhotosSubmitted>>(submitted.Length / 2);
        await one.SettleAsync();
        await other.SettleAsync();

        foreach (var told in Told(one).Concat(Told(other)).GroupBy(l => l.ListingKey))
        {
            var known = (await one.Table.FindAsync(Some.Feed, told.Key, default))!;
            var highest = told.GroupBy(l => l.Generation).MaxBy(g => g.Key)!;
            Assert.Equal(changes, known.Photos.Count);
            Assert.Equal(known.Generation, highest.Key);
            Assert.All(highest, l => Assert.Equal(changes, l.Photos.Count));
        }
        Assert.Empty(one.Heard.All<Fault<ListingPhotosSubmitted>>());
        Assert.Empty(other.Heard.All<Fault<ListingPhotosSubmitted>>());
    }

    [Fact]
    public async Task An_announcement_faster_than_the_save_of_another_process_is_heard_when_that_is_done()
    {
        var listing = Some.Unfinished(photos: Some.Photo("a"));
        await using var ingest = await IngestHost.StartAsync(_database, _clock);
        await ingest.PublishAsync(Some.Ready(listing, final: true));
        await ingest.SettleAsync();

        Assert.True(await ingest.Table.SaveAsync(null, listing, default));
        await ingest.Heard.FirstAsync<Handled<PhotosReady>>();

        Assert.True((await ingest.Table.FindAsync(Some.Feed, "L1", default))!.IsFinal);
    }

    [Fact]
    public async Task A_removal_told_faster_than_the_withdrawal_is_saved_is_heard_when_that_is_done()
    {
        var listing = Some.Unfinished();
        await using var ingest = await IngestHost.StartAsync(_database, _clock);
        Assert.True(await ingest.Table.SaveAsync(null, listing, default));
        await ingest.PublishAsync(Some.Removed(listing));
        await ingest.SettleAsync();

        Assert.True(await ingest.Table.SaveAsync(listing, listing with { Generation = listing.Generation + 1, Withdrawn = "It is off the market." }, default));
        await ingest.Heard.FirstAsync<Handled<PhotosRemoved>>();

        Assert.True((await ingest.Table.FindAsync(Some.Feed, "L1", default))!.IsFinal);
    }

    [Fact]
    public async Task An_announcement_of_what_is_never_saved_is_no_error_and_what_is_known_is_told_above_it()
    {
        var known = Some.Unfinished("known", photos: Some.Photo("a"));
        await using var ingest = await IngestHost.StartAsync(_database, _clock);
        Assert.True(await ingest.Table.SaveAsync(null, known, default));

        await ingest.PublishAsync(Some.Ready(Some.Unfinished("unknown"), final: true));
        await ingest.PublishAsync(Some.Removed(known));
        await ingest.PublishAsync(Some.Ready(known with { Generation = known.Generation + 7 }, final: true));
        await ingest.Heard.UntilAsync<Handled<PhotosReady>>(2);
        await ingest.Heard.FirstAsync<Handled<PhotosRemoved>>();
        await ingest.SettleAsync();

        var told = Assert.Single(Told(ingest));
        Assert.Equal(("known", known.Generation + 8), (told.ListingKey, told.Generation));
        Assert.Equal(told.Generation, (await ingest.Table.FindAsync(Some.Feed, "known", default))!.Generation);
        Assert.Equal("a", Assert.Single(ingest.Requested).MediaKey);
    }

    Task<IngestHost> StartAsync(TimeProvider time, params (string, string)[] settings) => IngestHost.StartAsync(_database, time, [.. Feed(), .. settings]);

    (string, string)[] Feed() => [($"Feeds:{Some.Feed}:Source", _folder["feed.ndjson"])];

    void Write(params ListingPhotosSubmitted[] listings) => File.WriteAllLines(_folder["feed.ndjson"], listings.Select(Some.Line));

    static IReadOnlyList<ListingPhotosChanged> Told(IngestHost ingest) => ingest.Heard.All<ListingPhotosChanged>();

    static int Read(IngestHost ingest) => ingest.Statuses.All.Sum(f => f.Read);

    Task<FeedCursor?> CursorAsync() => new FeedCursorTable(_database.Database).FindAsync(Some.Feed, default);

    /// <summary>Moves the clock until the feed was read once more; not while one reads, however long that takes.</summary>
    async Task UntilReadAgainAsync()
    {
        var before = (await CursorAsync())!.ReadAt;
        await Eventually.IsSoAsync(async () =>
        {
            var cursor = (await CursorAsync())!;
            if (cursor.ReadAt == before && cursor.ClaimedUntil <= _clock.GetUtcNow())
                _clock.Advance(TimeSpan.FromSeconds(30));
            return cursor.ReadAt > before;
        });
    }
}
