using System.Diagnostics;
using ImagePipeline.SampleMls;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Services;

public sealed class SeparateProcessesTests(PostgresServer postgres, RabbitMqServer rabbitMq, ITestOutputHelper output)
{
    [Fact]
    public async Task With_a_worker_and_the_notifier_killed_in_the_middle_every_listing_is_announced_complete_nothing_is_an_error_and_announcements_only_grow()
    {
        const int listings = 60, photos = 1_500;
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions
        {
            Listings = listings,
            TotalPhotos = photos,
            Width = 320,
            Height = 240,
            LatencyMedianMs = 1_000,
            LatencySpreadMs = 500,
        });
        using var folder = new TempFolder();
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var website = await Website.OpenAsync(broker);
        var deployment = new Deployment(folder, broker, await postgres.CreateDatabaseAsync());
        await deployment.UseFeedAsync(new Uri(mls.Address, "/Property"));
        deployment.Environment["PhotoWorker__LaneConcurrency"] = "64";
        deployment.Environment["ListingNotifier__ClaimTime"] = "00:00:05";

        await using var ingest = deployment.Start("FeedIngest");
        await using var worker = deployment.Start("PhotoWorker");
        await using var killedWorker = deployment.Start("PhotoWorker");
        await using var killedNotifier = deployment.Start("ListingNotifier");
        var moment = random.Next(photos / 10, photos / 2);
        await Eventually.IsSoAsync(() => mls.TotalGets >= moment);
        await killedWorker.KillAsync();
        await using var anotherWorker = deployment.Start("PhotoWorker");
        await Eventually.IsSoAsync(() => website.Announcements.Count >= 3);
        await killedNotifier.KillAsync();
        await using var anotherNotifier = deployment.Start("ListingNotifier");

        await website.UntilCompleteAsync(listings, TimeSpan.FromMinutes(5));
        output.WriteLine($"killed after {moment} GETs; {mls.TotalGets} GETs in all; {website.Announcements.Count} announcements");
        await broker.IsQuietAsync();
        Assert.Equal(photos, website.Latest.Values.Sum(a => a.Photos));
        Assert.All(website.Announcements.GroupBy(a => a.Listing), heard => Assert.Equal(heard.Select(a => a.Announcement).Order(), heard.Select(a => a.Announcement)));
        Assert.Equal(photos, Directory.EnumerateFiles(folder["store/originals"], "*", SearchOption.AllDirectories).Count());
    }

    [Fact]
    public async Task Two_FeedIngests_read_no_feed_twice_and_two_ListingNotifiers_announce_no_listing_out_of_order()
    {
        const int listings = 30, photos = 600;
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions
        {
            Listings = listings,
            TotalPhotos = photos,
            Width = 160,
            Height = 120,
            LatencyMedianMs = 300,
            LatencySpreadMs = 300,
        });
        using var folder = new TempFolder();
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var website = await Website.OpenAsync(broker);
        var deployment = new Deployment(folder, broker, await postgres.CreateDatabaseAsync());
        await deployment.UseFeedAsync(new Uri(mls.Address, "/Property"));
        deployment.Environment["FeedIngest__ReadInterval"] = "00:00:05";
        deployment.Environment["PhotoWorker__LaneConcurrency"] = "32";
        // Often, and while photos are still missing: more announcements to put in a wrong order.
        deployment.Environment["ListingNotifier__Deadline"] = "00:00:01";
        deployment.Environment["ListingNotifier__SweepInterval"] = "00:00:00.5";

        await using var ingest = deployment.Start("FeedIngest");
        await using var anotherIngest = deployment.Start("FeedIngest");
        await using var notifier = deployment.Start("ListingNotifier");
        await using var anotherNotifier = deployment.Start("ListingNotifier");
        await using var worker = deployment.Start("PhotoWorker");
        await Eventually.IsSoAsync(() => mls.FeedReads > 0);
        var reading = Stopwatch.StartNew();
        foreach (var key in mls.ListingKeys)
        {
            mls.ReverseOrder(key);
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
        }
        await website.UntilCompleteAsync(listings, TimeSpan.FromMinutes(5));
        var (reads, intervals) = (mls.FeedReads, reading.Elapsed.TotalSeconds / 5);
        await broker.IsQuietAsync();

        output.WriteLine($"{reads} reads in {intervals:0.0} intervals; {website.Announcements.Count} announcements");
        Assert.InRange(reads, 2, (int)intervals + 2);
        Assert.Equal(photos, mls.TotalGets);
        Assert.True(website.Announcements.Count > listings, "There was nothing to put in a wrong order.");
        Assert.All(website.Announcements.GroupBy(a => a.Listing), heard => Assert.Equal(heard.Select(a => a.Announcement).Order(), heard.Select(a => a.Announcement)));
    }
}
