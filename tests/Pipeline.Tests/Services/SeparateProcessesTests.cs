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
        await Eventually.IsAsync(true, () => Task.FromResult(mls.TotalGets >= moment), TimeSpan.FromMinutes(2));
        await killedWorker.KillAsync();
        await using var anotherWorker = deployment.Start("PhotoWorker");
        await Eventually.IsAsync(true, () => Task.FromResult(website.Announcements.Count >= 3), TimeSpan.FromMinutes(2));
        await killedNotifier.KillAsync();
        await using var anotherNotifier = deployment.Start("ListingNotifier");

        await website.UntilCompleteAsync(listings, TimeSpan.FromMinutes(3));
        output.WriteLine($"killed after {moment} GETs; {mls.TotalGets} GETs in all; {website.Announcements.Count} announcements");
        await broker.IsQuietAsync();
        Assert.Equal(photos, website.Latest.Values.Sum(a => a.Photos));
        Assert.All(website.Announcements.GroupBy(a => a.Listing), heard => Assert.Equal(heard.Select(a => a.Announcement).Order(), heard.Select(a => a.Announcement)));
        Assert.Equal(photos, Directory.EnumerateFiles(folder["store/originals"], "*", SearchOption.AllDirectories).Count());
    }
}
