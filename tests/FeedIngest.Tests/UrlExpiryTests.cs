using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Tests.Feeds;
using ImagePipeline.TestSupport;
using TempFolder = ImagePipeline.TestSupport.TempFolder;

namespace ImagePipeline.FeedIngest.Tests;

public sealed class UrlExpiryTests(PostgresServer postgres) : IAsyncLifetime
{
    const int Photos = 20;

    readonly TempFolder _folder = new();
    TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Photos_whose_URLs_expired_together_are_asked_for_with_fresh_ones_after_one_read_of_their_listing()
    {
        // Told of all of them before the listing is read: for one that is told afterwards it is read again.
        var allTold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var feed = await TinyServer.StartAsync(TinyServer.Json(Page("1")), async context =>
        {
            await allTold.Task;
            await TinyServer.Json(Page("2"))(context);
        });
        await using var ingest = await StartAsync(($"Feeds:{Some.Feed}:Source", $"{feed.Url}/Property"));
        await ingest.ReadAsync();
        await ingest.SettleAsync();

        var expired = ingest.Requested.Select(r => Expired(r, leaseRefreshes: 1, urgent: true)).ToList();
        await Task.WhenAll(expired.Select(ingest.PublishAsync));
        // When a listing was read is kept in whole milliseconds.
        await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        allTold.SetResult();
        await ingest.Heard.UntilAsync<InLane>(2 * Photos);

        Assert.Equal(2, feed.Requests.Count);
        var fresh = ingest.Heard.All<InLane>().Skip(Photos).ToList();
        Assert.Equal(expired.Select(e => e.PhotoId).Order(), fresh.Select(r => r.Request.PhotoId).Order());
        Assert.All(fresh, r => Assert.Equal((2, true, "urgent"), (r.Request.LeaseRefreshes, r.Request.Urgent, r.Lane)));
        Assert.All(fresh, r => Assert.EndsWith("token=2", r.Request.SourceUrl, StringComparison.Ordinal));
        Assert.Single(ingest.Heard.All<ListingPhotosChanged>());
    }

    [Fact]
    public async Task A_URL_that_expires_after_it_was_refreshed_is_refreshed_again()
    {
        await using var feed = await TinyServer.StartAsync(TinyServer.Json(Page("1")), TinyServer.Json(Page("2")), TinyServer.Json(Page("3")));
        await using var ingest = await StartAsync(($"Feeds:{Some.Feed}:Source", $"{feed.Url}/Property"));
        await ingest.ReadAsync();
        await ingest.SettleAsync();
        var photo = ingest.Requested[0];

        await ingest.TellAsync(Expired(photo, leaseRefreshes: 0));
        await ingest.TellAsync(Expired(photo, leaseRefreshes: 1));
        await ingest.SettleAsync();

        Assert.Equal([(1, "2"), (2, "3")], ingest.Requested.Skip(Photos).Select(r => (r.LeaseRefreshes, r.SourceUrl[^1..])));
    }

    [Fact]
    public async Task A_photo_that_has_another_version_by_now_is_asked_for_by_its_listings_change_alone()
    {
        Write(Some.SubmittedPhoto("a"));
        await using var ingest = await StartAsync(($"Feeds:{Some.Feed}:Source", _folder["feed.ndjson"]));
        await ingest.ReadAsync();
        await ingest.SettleAsync();
        var first = Assert.Single(ingest.Requested);

        Write(Some.SubmittedPhoto("a") with { ModifiedAt = Some.Now.AddMinutes(1) });
        await ingest.TellAsync(Expired(first, leaseRefreshes: 0));
        await ingest.SettleAsync();

        var second = Assert.Single(ingest.Requested.Skip(1));
        Assert.NotEqual(first.Version, second.Version);
        Assert.Equal(0, second.LeaseRefreshes);
    }

    [Fact]
    public async Task A_photo_that_is_gone_from_its_listing_is_not_asked_for()
    {
        Write(Some.SubmittedPhoto("a"));
        await using var ingest = await StartAsync(($"Feeds:{Some.Feed}:Source", _folder["feed.ndjson"]));
        await ingest.ReadAsync();
        await ingest.SettleAsync();

        Write();
        await ingest.TellAsync(Expired(ingest.Requested[0], leaseRefreshes: 0));
        await ingest.SettleAsync();

        Assert.Single(ingest.Requested);
        Assert.Empty(ingest.Heard.All<ListingPhotosChanged>()[1].Photos);
    }

    [Fact]
    public async Task A_listing_that_cannot_be_read_keeps_its_URL_and_the_count_rises_all_the_same()
    {
        await using var ingest = await StartAsync();
        await ingest.TellAsync(Some.Submitted("L1", 0, Some.SubmittedPhoto("a")));
        await ingest.SettleAsync();

        await ingest.TellAsync(Expired(ingest.Requested[0], leaseRefreshes: 0));
        await ingest.SettleAsync();

        Assert.Equal([0, 1], ingest.Requested.Select(r => r.LeaseRefreshes));
        Assert.Single(ingest.Requested.Select(r => r.SourceUrl).Distinct());
    }

    [Fact]
    public async Task A_photo_of_a_listing_that_nobody_knows_is_not_asked_for()
    {
        await using var ingest = await StartAsync();
        await ingest.TellAsync(Some.Submitted("L1", 0, Some.SubmittedPhoto("a")));
        await ingest.SettleAsync();

        await ingest.TellAsync(Expired(ingest.Requested[0], leaseRefreshes: 0) with { ListingKey = "L2" });
        await ingest.SettleAsync();

        Assert.Single(ingest.Requested);
    }

    static string Page(string token) => SomeFeed.Page(SomeFeed.Property("L1", Enumerable.Range(1, Photos)
        .Select(n => SomeFeed.Media($"p{n}", n, $"https://photos.example/{n}.jpg?token={token}"))));

    static PhotoUrlExpired Expired(PhotoRequested request, int leaseRefreshes, bool urgent = false) => new()
    {
        Feed = request.Feed,
        ListingKey = request.ListingKey,
        ListingUid = request.ListingUid,
        PhotoId = request.PhotoId,
        MediaKey = request.MediaKey,
        Version = request.Version,
        Generation = request.Generation,
        Reason = UrlExpiry.TimeOver,
        LeaseRefreshes = leaseRefreshes,
        Urgent = urgent,
    };

    void Write(params SubmittedPhoto[] photos) => File.WriteAllText(_folder["feed.ndjson"], Some.Line(Some.Submitted("L1", 0, photos)));

    Task<IngestHost> StartAsync(params (string, string)[] settings) =>
        IngestHost.StartAsync(_database, TimeProvider.System, [("FeedIngest:Watch", "false"), .. settings]);
}
