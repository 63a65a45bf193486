using ImagePipeline.Contracts;
using ImagePipeline.TestSupport;

namespace ImagePipeline.FeedIngest.Tests;

public sealed class ListingRequestTests(PostgresServer postgres) : IAsyncLifetime
{
    readonly TempFolder _folder = new();
    TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true, "urgent")]
    [InlineData(false, Some.Feed)]
    public async Task A_listing_somebody_wants_is_asked_for_again_rejected_photos_included(bool urgent, string lane)
    {
        await using var ingest = await StartAsync();
        await ingest.TellAsync(Some.Submitted("L1", 0, Some.SubmittedPhoto("stored"), Some.SubmittedPhoto("rejected")));
        await ingest.SettleAsync();
        var told = ingest.Heard.All<ListingPhotosChanged>()[0];
        await ingest.TellAsync(Some.Ready(
            Some.Feed, "L1", told.Generation, final: true, announcement: 1, new SettledMissing(told.Photos[1].PhotoId, told.Photos[1].Version, MissingReason.Rejected)));

        await ingest.TellAsync(Request(urgent: urgent));
        await ingest.SettleAsync();

        var again = ingest.Heard.All<ListingPhotosChanged>()[1];
        Assert.Equal((told.Generation, 1, urgent), (again.Generation, again.Ask, again.Urgent));
        var asked = ingest.Heard.All<InLane>().Skip(2).ToList();
        Assert.Equal(["rejected", "stored"], asked.Select(r => r.Request.MediaKey).Order());
        Assert.All(asked, r => Assert.Equal((lane, urgent), (r.Lane, r.Request.Urgent)));
    }

    [Fact]
    public async Task A_listing_somebody_wants_is_read_anew_where_its_feed_can_be_read()
    {
        Write(Some.Submitted("L1", 0, Some.SubmittedPhoto("a")));
        await using var ingest = await StartAsync((Source, _folder["feed.ndjson"]), ("FeedIngest:Watch", "false"));
        await ingest.ReadAsync();
        await ingest.SettleAsync();

        Write(Some.Submitted("L1", 1, Some.SubmittedPhoto("a"), Some.SubmittedPhoto("b")), Some.Submitted("L2"));
        await ingest.TellAsync(Request(urgent: true));
        await ingest.SettleAsync();

        Assert.Equal(["L1", "L1", "L1"], ingest.Heard.All<ListingPhotosChanged>().Select(l => l.ListingKey));
        Assert.Equal(["a", "b"], ingest.Requested.Where(r => r.Urgent).Select(r => r.MediaKey).Order());
    }

    [Fact]
    public async Task A_listing_that_was_never_told_of_can_be_wanted_where_its_feed_can_be_read()
    {
        await using var ingest = await StartAsync((Source, _folder["feed.ndjson"]), ("FeedIngest:Watch", "false"));
        await ingest.ReadAsync();
        Write(Some.Submitted("L1", 0, Some.SubmittedPhoto("a")));

        await ingest.TellAsync(Request(urgent: true));

        Assert.Equal("L1", (await ingest.Heard.FirstAsync<ListingPhotosChanged>()).ListingKey);
    }

    [Fact]
    public async Task A_listing_that_nobody_knows_fails_with_a_sentence()
    {
        await using var ingest = await StartAsync();

        Assert.Equal("Feed acme has no listing L1, so it cannot be asked for.", await ingest.FailAsync(Request()));
        Assert.Empty(ingest.Statuses.All);
    }

    [Theory]
    [InlineData("acme\nERROR", "L1")]
    [InlineData(null, "L1")]
    [InlineData(Some.Feed, "L1\nERROR")]
    [InlineData(Some.Feed, "")]
    [InlineData(Some.Feed, null)]
    public async Task Ids_that_are_none_are_not_repeated(string? feed, string? key)
    {
        await using var ingest = await StartAsync();

        var sentence = await ingest.FailAsync(Request() with { Feed = feed!, ListingKey = key! });

        Assert.StartsWith("A listing was asked for that cannot be: ", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("ERROR", sentence, StringComparison.Ordinal);
    }

    static ListingPhotosRequested Request(bool urgent = false) => new()
    {
        Feed = Some.Feed,
        ListingKey = "L1",
        Reason = "The website shows it without photos.",
        Urgent = urgent,
    };

    const string Source = $"Feeds:{Some.Feed}:Source";

    void Write(params ListingPhotosSubmitted[] listings) => File.WriteAllLines(_folder["feed.ndjson"], listings.Select(Some.Line));

    Task<IngestHost> StartAsync(params (string, string)[] settings) => IngestHost.StartAsync(_database, TimeProvider.System, settings);
}
