using Dapper;
using ImagePipeline.Contracts;
using ImagePipeline.TestSupport;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.ListingNotifier.Tests;

public sealed class BackfillTableOnSqliteTests(PostgresServer postgres) : BackfillTableTests(DatabaseKind.Sqlite, postgres);

public sealed class BackfillTableOnPostgreSqlTests(PostgresServer postgres) : BackfillTableTests(DatabaseKind.PostgreSql, postgres);

/// <summary>Backfilled listings through the real saga, signaller and database.</summary>
public abstract class BackfillTableTests(DatabaseKind kind, PostgresServer postgres) : IAsyncLifetime
{
    readonly TempFolder _folder = new();
    readonly FakeTimeProvider _clock = new(Some.Now);
    TestDatabase _database = null!;
    BackfillTable _table = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind, postgres);
        _table = new BackfillTable(_database.Database, _clock);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_listing_is_announced_once_with_all_its_photos_in_the_new_profile()
    {
        await using var notifier = await StartAsync();
        await StoreAsync(notifier, "L1", "a", "b", "c");

        await notifier.Bus.Publish(Some.Backfilled(photos: [("a", "v1"), ("b", "v1"), ("c", "v1")]));
        var heard = await notifier.Heard.UntilAsync<PhotosReady>(all => all.Any(r => Profiles(r).Contains("web-2")));

        Assert.Equal(["web-2", "web-2", "web-2"], Profiles(heard[^1]));
        Assert.True(heard[^1].Complete);
        await FollowUntilAsync("L1", 1, ListingAwaited.Announced);
        Assert.Single(notifier.Heard.All<PhotosReady>(), r => Profiles(r).Contains("web-2"));
    }

    [Fact]
    public async Task One_that_is_final_and_not_complete_does_not_wait_for_its_deadline()
    {
        await using var notifier = await StartAsync();
        await notifier.Bus.Publish(Some.Set(photos: [("a", "v1"), ("b", "v1")]));
        await notifier.Bus.Publish(Some.Stored("a"));
        await notifier.Bus.Publish(Some.Rejected("b"));
        await notifier.Heard.UntilAsync<PhotosReady>(all => all.Any(r => r.Final));

        await notifier.Bus.Publish(Some.Backfilled(photos: [("a", "v1")]));

        var heard = await notifier.Heard.UntilAsync<PhotosReady>(all => all.Any(r => Profiles(r).Contains("web-2")));
        Assert.Single(heard[^1].Missing);
    }

    [Fact]
    public async Task One_that_is_not_final_is_not_awaited()
    {
        await using var notifier = await StartAsync();
        await notifier.Bus.Publish(Some.Set(photos: [("a", "v1"), ("b", "v1")]));
        await notifier.Bus.Publish(Some.Stored("a"));
        // Of a listing that is not known yet a backfill tells nothing.
        await Eventually.IsAsync(1, () => ScalarAsync("SELECT COUNT(*) FROM listing_saga WHERE photos = 2 AND stored = 1"));
        await notifier.Bus.Publish(Some.Backfilled(photos: [("a", "v1")]));

        await FollowUntilAsync("L1", 1, ListingAwaited.NotFinal);
    }

    [Fact]
    public async Task A_listing_that_nobody_knows_is_not_made_by_a_backfill()
    {
        await using var notifier = await StartAsync();

        await notifier.Bus.Publish(Some.Backfilled(key: "gone", photos: [("a", "v1")]));
        await StoreAsync(notifier, "L1", "a");

        Assert.Equal(1, await ScalarAsync("SELECT COUNT(*) FROM listing_saga"));
        Assert.Empty(notifier.Heard.All<MassTransit.Fault>());
    }

    [Fact]
    public async Task Only_photos_that_are_shown_in_another_profile_are_read_and_only_of_listings_that_are_shown()
    {
        await using var notifier = await StartAsync();
        await StoreAsync(notifier, "L1", "a", "b");
        await notifier.Bus.Publish(Some.Stored("a", key: "L2") with { Profile = "web-2" });
        // The profile that is told first stays.
        await Eventually.IsAsync(2, () => ScalarAsync("SELECT COUNT(*) FROM listing_saga"));
        await StoreAsync(notifier, "L2", "a", "b");
        await StoreAsync(notifier, "L3", "a");
        await notifier.Bus.Publish(Some.Withdrawn(key: "L3"));
        await notifier.Heard.FirstAsync<PhotosRemoved>();

        var listings = await _table.ListingsAsync(null, default).Select(l => l.ListingUid).ToListAsync();

        Assert.Equal([Some.Listing("L1"), Some.Listing("L2")], listings.OrderBy(l => l != Some.Listing("L1")));
        Assert.Equal((2, 2, 0), (await _table.CountAsync(null, default), await _table.CountAsync(Some.Feed, default), await _table.CountAsync("other", default)));
        Assert.Equal(["a", "b"], (await _table.ReadAsync(Some.Listing("L1"), "web-2", default))!.Photos.Select(p => p.MediaKey));
        Assert.Equal(["b"], (await _table.ReadAsync(Some.Listing("L2"), "web-2", default))!.Photos.Select(p => p.MediaKey));
        Assert.Null(await _table.ReadAsync(Some.Listing("L3"), "web-2", default));
        Assert.True(await _table.IsKnownAsync(Some.Feed, default));
        Assert.False(await _table.IsKnownAsync("other", default));
    }

    [Fact]
    public async Task Listings_are_read_a_page_at_a_time_and_each_once()
    {
        await using (var connection = await _database.Database.Source.OpenConnectionAsync())
        {
            for (var i = 0; i < 1_001; i++)
                await connection.ExecuteAsync(
                    """
                    INSERT INTO listing_saga (correlation_id, version, body, updated_at, feed, listing_key, generation, photos, stored, rejected, failed, announcement, asked, settled, complete, removing)
                    VALUES (@id, 1, '{}', 1, 'acme', @key, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0)
                    """,
                    new { id = Some.Listing($"L{i}").ToString(), key = $"L{i}" });
        }

        var listings = await _table.ListingsAsync(Some.Feed, default).Select(l => l.ListingUid).ToListAsync();

        Assert.Equal(1_001, listings.Distinct().Count());
        Assert.Equal(1_001, listings.Count);
    }

    [Fact]
    public async Task Numbers_only_grow_also_on_a_machine_whose_clock_is_behind_and_never_below_the_clock()
    {
        var first = await _table.BeginAsync(null, "web-1", default);
        var second = await _table.BeginAsync("acme", "web-1", default);
        var behind = await new BackfillTable(_database.Database, new FakeTimeProvider(Some.Now - TimeSpan.FromDays(1))).BeginAsync(null, "web-2", default);
        _clock.Advance(TimeSpan.FromDays(1));
        var next = await _table.BeginAsync(null, "web-1", default);

        Assert.Equal([Milliseconds(Some.Now), Milliseconds(Some.Now) + 1, Milliseconds(Some.Now) + 2, Milliseconds(Some.Now.AddDays(1))], [first, second, behind, next]);

        static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
    }

    [Fact]
    public async Task Begun_at_one_moment_each_has_a_number_of_its_own()
    {
        var numbers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => _table.BeginAsync(null, "web-1", default))));

        Assert.Equal(20, numbers.Distinct().Count());
    }

    [Fact]
    public async Task Listings_withdrawn_since_a_backfill_began_that_was_cut_off_are_told_of_and_no_others()
    {
        await using var notifier = await StartAsync();
        await StoreAsync(notifier, "before", "a");
        await notifier.Bus.Publish(Some.Withdrawn(key: "before"));
        await notifier.Heard.UntilAsync<PhotosRemoved>(all => all.Count == 1);
        // Recorded after it was told.
        await Eventually.IsAsync(0, () => ScalarAsync("SELECT COUNT(*) FROM listing_saga WHERE removing = 1"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        var cutOff = await _table.BeginAsync(null, "web-2", default);
        await StoreAsync(notifier, "during", "a");
        await notifier.Bus.Publish(Some.Withdrawn(key: "during"));
        await notifier.Heard.UntilAsync<PhotosRemoved>(all => all.Count == 2);

        var next = await _table.BeginAsync(Some.Feed, "web-2", default);
        Assert.Empty(await _table.WithdrawnAsync(cutOff, null, default));
        Assert.Equal("during", Assert.Single(await _table.WithdrawnAsync(next, Some.Feed, default)).ListingKey);
        Assert.Empty(await _table.WithdrawnAsync(next, "other", default));

        // That of one feed does not stand for one of all.
        await _table.EndAsync(next, Some.Feed, default);
        Assert.Single(await _table.WithdrawnAsync(next + 1, null, default));
        await _table.EndAsync(next, null, default);
        Assert.Empty(await _table.WithdrawnAsync(next + 1, null, default));
    }

    Task<NotifierHost> StartAsync() => NotifierHost.StartAsync(_database, _folder, _clock, ("ListingNotifier:SweepInterval", "00:00:00.1"));

    static async Task StoreAsync(NotifierHost notifier, string key, params string[] photos)
    {
        await notifier.Bus.Publish(Some.Set(key, photos: [.. photos.Select(p => (p, "v1"))]));
        foreach (var photo in photos)
            await notifier.Bus.Publish(Some.Stored(photo, key: key));
        await notifier.Heard.UntilAsync<PhotosReady>(all => all.Any(r => r.ListingKey == key && r.Complete));
    }

    async Task<int> ScalarAsync(string sql)
    {
        await using var connection = await _database.Database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<int>(sql);
    }

    Task FollowUntilAsync(string key, long backfill, ListingAwaited state) => Eventually.IsAsync(
        new BackfilledListing(backfill, state), async () => (await _table.FollowAsync([Some.Listing(key)], default)).GetValueOrDefault(Some.Listing(key)));

    static string[] Profiles(PhotosReady ready) => [.. ready.Photos.Select(p => p.Renditions[0].Key.Split('/')[5])];
}
