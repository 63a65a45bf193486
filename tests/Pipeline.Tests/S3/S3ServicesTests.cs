using System.Text;
using ImagePipeline.SampleMls;
using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.S3;

public sealed class S3ServicesTests(PostgresServer postgres, RabbitMqServer rabbitMq, S3Server server, ITestOutputHelper output)
{
    [Fact]
    public async Task Services_keep_their_photos_in_a_bucket_and_a_worker_that_is_killed_leaves_nothing_half_there()
    {
        const int listings = 12, photos = 200;
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions
        {
            Listings = listings,
            TotalPhotos = photos,
            Width = 320,
            Height = 240,
            LatencyMedianMs = 500,
            LatencySpreadMs = 300,
        });
        using var folder = new TempFolder();
        await using var front = await S3Front.OpenAsync(await server.CreateBucketAsync());
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var website = await Website.OpenAsync(broker);
        var deployment = new Deployment(folder, broker, await postgres.CreateDatabaseAsync());
        await deployment.UseFeedAsync(new Uri(mls.Address, "/Property"));
        foreach (var (name, value) in front.Bucket.Settings)
            deployment.Environment[name] = value;
        deployment.Environment["PhotoWorker__LaneConcurrency"] = "32";
        deployment.Environment["Store__PublicBaseUrl"] = "https://photos.example";

        await using var ingest = deployment.Start("FeedIngest");
        await using var worker = deployment.Start("PhotoWorker");
        await using var killed = deployment.Start("PhotoWorker");
        await using var notifier = deployment.Start("ListingNotifier");
        var moment = new Random(seed).Next(20, photos * 3);
        await Eventually.IsSoAsync(() => front.Puts("renditions/") >= moment);
        await killed.KillAsync();

        await website.UntilCompleteAsync(listings, TimeSpan.FromMinutes(5));
        await broker.IsQuietAsync();
        var store = PhotoStoreFactory.Open(new() { Url = front.Bucket.Url, Endpoint = front.Bucket.Endpoint.ToString() });
        using var closing = (IDisposable)store;
        var there = await StoredObjects.PhotosAsync(store);
        Assert.Equal(photos * 5, there.Count);
        Assert.All(there, one => Assert.Equal("image/jpeg", one.Value.Facts.ContentType));
        Assert.Equal(photos, there.Values.Count(one => one.Facts.Record is not null));
        // What the dead one was told of may be missing here, but nothing was ever written twice.
        Assert.InRange(front.Puts("originals/") + front.Puts("renditions/"), photos * 5 - 64, photos * 5);
        var latest = front.Requests.First(r => r.Method == "PUT" && r.Key.EndsWith("/latest.json", StringComparison.Ordinal)).Key;
        var manifest = Encoding.UTF8.GetString((await store.ReadAsync(latest, default))!);
        Assert.Contains("\"url\": \"https://photos.example/renditions/sample/", manifest, StringComparison.Ordinal);
    }
}
