using ImagePipeline.Contracts;
using ImagePipeline.TestSupport;

namespace ImagePipeline.FeedIngest.Tests;

public sealed class FeedListingTableOnSqliteTests(PostgresServer postgres) : FeedListingTableTests(DatabaseKind.Sqlite, postgres);

public sealed class FeedListingTableOnPostgreSqlTests(PostgresServer postgres) : FeedListingTableTests(DatabaseKind.PostgreSql, postgres);

/// <summary>What the table promises, on every database.</summary>
public abstract class FeedListingTableTests(DatabaseKind kind, PostgresServer postgres) : IAsyncLifetime
{
    TestDatabase _database = null!;
    FeedListingTable _table = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind, postgres);
        _table = new FeedListingTable(_database.Database);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_is_saved_is_found()
    {
        var kitchen = Some.Photo("a", caption: "Küche \"groß\" 🏡") with
        {
            Order = 3,
            Primary = true,
            Kind = "Photo",
            Alteration = ["Staged"],
            Permissions = ["Public", "IDX"],
        };
        var leased = Some.Photo("b", url: "https://photos.example/b?signature=%7E") with { ExpiresAt = Some.Now.AddHours(1), SingleUse = true };
        var listing = Some.Known(kitchen, leased) with { Ask = 2, NextAskAt = Some.Now.AddMinutes(7) };

        Assert.True(await SaveAsync(null, listing));

        Assert.Equivalent(listing, await FindAsync(), strict: true);
    }

    [Fact]
    public async Task A_withdrawn_listing_without_a_number_is_found_as_it_was_saved()
    {
        var listing = Some.Known() with { ListingId = null, Withdrawn = "It is off the market." };

        await SaveAsync(null, listing);

        Assert.Equivalent(listing, await FindAsync(), strict: true);
    }

    [Fact]
    public async Task A_listing_that_was_never_saved_is_not_found()
    {
        await SaveAsync(null, Some.Known());

        Assert.Null(await _table.FindAsync(Some.Feed, "L2", default));
        Assert.Null(await _table.FindAsync("other", "L1", default));
    }

    [Fact]
    public async Task Of_two_that_save_after_the_same_look_the_second_is_refused()
    {
        var before = Some.Known(Some.Photo("a"));
        await SaveAsync(null, before);
        var first = Some.KnownAfter(Some.Read(Some.Photo("a"), Some.Photo("b")), before);
        var second = Some.KnownAfter(Some.Read(), before) with { Generation = before.Generation + 9 };

        Assert.True(await SaveAsync(before, first));
        Assert.False(await SaveAsync(before, second));
        Assert.False(await SaveAsync(before with { Ask = 1 }, second));
        Assert.False(await SaveAsync(null, second));

        Assert.Equivalent(first, await FindAsync(), strict: true);
    }

    [Fact]
    public async Task Of_two_that_ask_again_at_once_the_second_is_refused()
    {
        var before = Some.Unfinished();
        await SaveAsync(null, before);

        Assert.True(await SaveAsync(before, before with { Ask = 1 }));
        Assert.False(await SaveAsync(before, before with { Ask = 1 }));
    }

    [Fact]
    public async Task A_final_announcement_makes_its_generation_final()
    {
        var listing = Some.Unfinished();
        await SaveAsync(null, listing);
        var failed = Some.Missing(listing, "a", MissingReason.Failed);
        var rejected = Some.Missing(listing, "b", MissingReason.Rejected);

        await _table.HeardAsync(Some.Ready(listing, final: true, announcement: 3, failed, rejected), default);

        var heard = (await FindAsync())!;
        Assert.True(heard.IsFinal);
        Assert.Equal(3, heard.Announcement);
        Assert.Equal([failed, rejected], heard.Missing);
    }

    [Fact]
    public async Task What_is_announced_as_pending_is_not_settled()
    {
        var listing = Some.Unfinished();
        await SaveAsync(null, listing);

        await _table.HeardAsync(Some.Ready(listing, final: false, announcement: 1, Some.Missing(listing, "a", MissingReason.Pending)), default);

        Assert.False((await FindAsync())!.IsFinal);
        Assert.Empty((await FindAsync())!.Missing);
    }

    [Fact]
    public async Task An_older_announcement_and_one_of_another_generation_change_nothing()
    {
        var listing = Some.Unfinished();
        await SaveAsync(null, listing);
        await _table.HeardAsync(Some.Ready(listing, final: true, announcement: 5), default);
        var before = await FindAsync();

        await _table.HeardAsync(Some.Ready(listing, final: false, announcement: 4), default);
        await _table.HeardAsync(Some.Ready(listing with { Generation = listing.Generation - 1 }, final: false, announcement: 6), default);
        await _table.HeardAsync(Some.Ready(listing with { ListingKey = "L2" }, final: false, announcement: 6), default);

        Assert.Equivalent(before, await FindAsync(), strict: true);
    }

    [Fact]
    public async Task An_announcement_heard_while_an_unchanged_listing_is_saved_is_kept()
    {
        var listing = Some.Unfinished(photos: Some.Photo("a"));
        await SaveAsync(null, listing);
        await _table.HeardAsync(Some.Ready(listing, final: true, announcement: 1, Some.Missing(listing, "a", MissingReason.Failed)), default);

        Assert.True(await SaveAsync(listing, listing with { SeenAt = Some.Now.AddHours(1) }));

        var saved = (await FindAsync())!;
        Assert.Equal((true, true, 1), (saved.IsFinal, saved.HasFailed, saved.Announcement));
    }

    [Fact]
    public async Task Asked_again_or_changed_a_listing_is_not_final_any_more()
    {
        var listing = Some.Known(Some.Photo("a"));
        await SaveAsync(null, listing);
        var again = listing with { Ask = 1, FinalGeneration = 0 };

        await SaveAsync(listing, again);
        Assert.False((await FindAsync())!.IsFinal);

        await _table.HeardAsync(Some.Ready(again, final: true), default);
        await SaveAsync(again, again with { Generation = again.Generation + 1, Ask = 0 });
        Assert.False((await FindAsync())!.IsFinal);
    }

    [Fact]
    public async Task A_withdrawn_listing_is_final_when_it_was_removed_and_not_before()
    {
        var listing = Some.Unfinished() with { Withdrawn = "It is off the market." };
        await SaveAsync(null, listing);

        await _table.HeardAsync(Some.Ready(listing, final: true), default);
        Assert.False((await FindAsync())!.IsFinal);

        await _table.HeardAsync(Some.Removed(listing), default);
        Assert.True((await FindAsync())!.IsFinal);
    }

    [Fact]
    public async Task A_late_word_of_removal_does_not_make_a_listing_final_that_is_back()
    {
        var listing = Some.Unfinished();
        await SaveAsync(null, listing);

        await _table.HeardAsync(Some.Removed(listing), default);

        Assert.False((await FindAsync())!.IsFinal);
    }

    [Fact]
    public async Task Due_are_the_listings_of_a_feed_that_are_not_final_the_longest_waiting_first()
    {
        await SaveAsync(null, Some.Unfinished("later", due: Some.Now.AddMilliseconds(1)));
        await SaveAsync(null, Some.Unfinished("second", due: Some.Now.AddMilliseconds(-1)));
        await SaveAsync(null, Some.Unfinished("third", due: Some.Now));
        await SaveAsync(null, Some.Unfinished("first", due: Some.Now.AddDays(-1)));
        await SaveAsync(null, Some.Unfinished("elsewhere", feed: "other", due: Some.Now));
        await SaveAsync(null, Some.Known() with { ListingKey = "final", NextAskAt = Some.Now });

        Assert.Equal(["first", "second", "third"], (await _table.FindDueAsync(Some.Feed, Some.Now, default)).Select(l => l.ListingKey));
    }

    [Fact]
    public async Task Left_over_are_the_listings_not_final_or_with_failed_photos_that_were_asked_for_before()
    {
        var start = Some.Now.AddHours(1);
        await SaveAsync(null, Some.Unfinished("unfinished"));
        await SaveAsync(null, Some.Unfinished("asked since") with { AskedAt = start });
        await SaveAsync(null, Some.Known() with { ListingKey = "complete" });
        foreach (var reason in new[] { MissingReason.Failed, MissingReason.Rejected })
        {
            var listing = Some.Unfinished(reason.ToString()) with { AskedAt = Some.Now.AddMinutes(1) };
            await SaveAsync(null, listing);
            await _table.HeardAsync(Some.Ready(listing, final: true, announcement: 1, Some.Missing(listing, "a", reason)), default);
        }

        Assert.Equal(["unfinished", "Failed"], (await _table.FindLeftOverAsync(Some.Feed, start, default)).Select(l => l.ListingKey));
    }

    [Fact]
    public async Task Listings_are_counted_by_feed()
    {
        await SaveAsync(null, Some.Unfinished("L1"));
        await SaveAsync(null, Some.Unfinished("L2") with { Withdrawn = "It is off the market." });
        await SaveAsync(null, Some.Known() with { ListingKey = "L3" });
        await SaveAsync(null, Some.Unfinished("L1", feed: "other"));

        Assert.Equal(2, await _table.CountNotFinalAsync(Some.Feed, default));
        Assert.Equal(1, await _table.CountWithdrawnAsync(Some.Feed, default));
    }

    [Fact]
    public async Task Unfinished_feeds_are_those_with_a_listing_that_is_not_final_or_has_failed_photos()
    {
        await SaveAsync(null, Some.Unfinished("L1", feed: "b"));
        await SaveAsync(null, Some.Unfinished("L2", feed: "b"));
        await SaveAsync(null, Some.Unfinished("L1", feed: "a"));
        await SaveAsync(null, Some.Known() with { Feed = "complete" });
        var failed = Some.Unfinished(feed: "c");
        await SaveAsync(null, failed);
        await _table.HeardAsync(Some.Ready(failed, final: true, announcement: 1, Some.Missing(failed, "a", MissingReason.Failed)), default);

        Assert.Equal(["a", "b", "c"], await _table.FindUnfinishedFeedsAsync(default));
    }

    Task<bool> SaveAsync(KnownListing? before, KnownListing next) => _table.SaveAsync(before, next, default);

    Task<KnownListing?> FindAsync() => _table.FindAsync(Some.Feed, "L1", default);
}
