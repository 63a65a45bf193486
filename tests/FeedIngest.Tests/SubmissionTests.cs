using ImagePipeline.Contracts;
using ImagePipeline.TestSupport;

namespace ImagePipeline.FeedIngest.Tests;

public sealed class SubmissionTests(PostgresServer postgres) : IAsyncLifetime
{
    TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_submitted_listing_is_told_and_its_photos_are_asked_for()
    {
        await using var ingest = await StartAsync();

        await ingest.TellAsync(Some.Submitted("L1", 0, Some.SubmittedPhoto("a"), Some.SubmittedPhoto("b")));
        await ingest.SettleAsync();

        var told = Assert.Single(ingest.Heard.All<ListingPhotosChanged>());
        Assert.Equal((Some.Feed, "L1", Some.Now, false), (told.Feed, told.ListingKey, told.ChangedAt, told.Urgent));
        Assert.Equal(["a", "b"], ingest.Requested.Select(r => r.MediaKey).Order());
        Assert.Equal([Some.Feed], ingest.Statuses.All.Select(f => f.Feed));
    }

    [Fact]
    public async Task The_same_submission_again_changes_nothing()
    {
        await using var ingest = await StartAsync();

        await ingest.TellAsync(Some.Submitted("L1", 0, Some.SubmittedPhoto("a")));
        await ingest.TellAsync(Some.Submitted("L1", 0, Some.SubmittedPhoto("a")));
        await ingest.TellAsync(Some.Submitted("L1", 1, Some.SubmittedPhoto("a")));
        await ingest.SettleAsync();

        Assert.Single(ingest.Heard.All<ListingPhotosChanged>());
        Assert.Single(ingest.Requested);
    }

    [Fact]
    public async Task A_submission_older_than_the_one_known_changes_nothing()
    {
        await using var ingest = await StartAsync();
        await ingest.TellAsync(Some.Submitted("L1", 5, Some.SubmittedPhoto("a"), Some.SubmittedPhoto("b")));

        await ingest.TellAsync(Some.Submitted("L1", 4, Some.SubmittedPhoto("a")));
        await ingest.TellAsync(Some.Submitted("L1", 4) with { Withdrawn = true });
        await ingest.SettleAsync();

        Assert.Equal(2, Assert.Single(ingest.Heard.All<ListingPhotosChanged>()).Photos.Count);
        Assert.Empty(ingest.Heard.All<ListingWithdrawn>());
    }

    [Fact]
    public async Task A_submission_overtaken_by_one_that_said_nothing_new_changes_nothing()
    {
        await using var ingest = await StartAsync();
        await ingest.TellAsync(Some.Submitted("L1", 1, Some.SubmittedPhoto("a")));
        await ingest.TellAsync(Some.Submitted("L1", 3, Some.SubmittedPhoto("a")));

        await ingest.TellAsync(Some.Submitted("L1", 2));
        await ingest.SettleAsync();

        Assert.Single(ingest.Heard.All<ListingPhotosChanged>());
    }

    [Fact]
    public async Task Submissions_of_one_listing_at_once_end_with_the_latest()
    {
        await using var ingest = await StartAsync();

        await Parallel.ForAsync(1, 21, async (n, _) =>
            await ingest.PublishAsync(Some.Submitted("L1", n, [.. Enumerable.Range(1, n).Select(p => Some.SubmittedPhoto($"p{p}"))])));
        await ingest.Heard.UntilAsync<Handled<ListingPhotosSubmitted>>(20);

        Assert.Equal(20, (await ingest.Table.FindAsync(Some.Feed, "L1", default))!.Photos.Count);
        await ingest.SettleAsync();
        Assert.Equal(Enumerable.Range(1, 20).Select(p => $"p{p}").Order(), ingest.Requested.Select(r => r.MediaKey).Distinct().Order());
        var generations = ingest.Heard.All<ListingPhotosChanged>().Select(l => l.Generation).ToList();
        Assert.Equal(generations.Order().Distinct(), generations);
    }

    [Fact]
    public async Task A_withdrawn_submission_takes_the_listing_back()
    {
        await using var ingest = await StartAsync();
        await ingest.TellAsync(Some.Submitted("L1", 0, Some.SubmittedPhoto("a")));

        await ingest.TellAsync(Some.Submitted("L1", 1) with { Withdrawn = true });
        await ingest.SettleAsync();

        Assert.Equal("L1", Assert.Single(ingest.Heard.All<ListingWithdrawn>()).ListingKey);
    }

    [Fact]
    public async Task A_submission_that_makes_no_sense_fails_with_a_sentence_for_its_sender()
    {
        await using var ingest = await StartAsync();

        var sentence = await ingest.FailAsync(Some.Submitted("L1") with { Photos = null! });

        Assert.Equal("Feed acme, listing L1: Its photos are null; a listing without photos has an empty list.", sentence);
        Assert.Empty(ingest.Heard.All<ListingPhotosChanged>());
    }

    [Theory]
    [InlineData("acme\n2026-11-23 12:00:00 ERROR something else")]
    [InlineData("acme\n")]
    [InlineData("Acme")]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_feed_id_that_is_none_is_not_repeated(string? feed)
    {
        await using var ingest = await StartAsync();

        var sentence = await ingest.FailAsync(Some.Submitted("L1") with { Feed = feed! });

        Assert.Equal($"A submission without a valid feed, listing L1: Its feed must be {FeedId.Rule}.", sentence);
        Assert.Empty(ingest.Statuses.All);
    }

    [Fact]
    public async Task A_listing_key_that_is_none_is_not_repeated()
    {
        await using var ingest = await StartAsync();

        var sentence = await ingest.FailAsync(Some.Submitted("L1\nL2"));

        Assert.Equal("Feed acme, a listing without a valid key: Its listingKey has control characters in it.", sentence);
    }

    [Fact]
    public async Task One_feed_more_than_allowed_fails_with_a_sentence()
    {
        await using var ingest = await StartAsync(("FeedIngest:MaxFeeds", "1"));
        await ingest.TellAsync(Some.Submitted());

        var sentence = await ingest.FailAsync(Some.Submitted() with { Feed = "other" });

        Assert.StartsWith("Feed other is one more than the 1 that FeedIngest:MaxFeeds", sentence, StringComparison.Ordinal);
    }

    Task<IngestHost> StartAsync(params (string, string)[] settings) => IngestHost.StartAsync(_database, TimeProvider.System, settings);
}
