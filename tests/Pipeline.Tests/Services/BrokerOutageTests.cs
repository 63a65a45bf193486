using ImagePipeline.SampleMls;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Services;

public sealed class BrokerOutageTests(PostgresServer postgres, RestartableRabbitMqServer rabbitMq) : IClassFixture<RestartableRabbitMqServer>
{
    [Fact]
    public async Task A_restart_of_the_broker_in_the_middle_stops_no_service_and_loses_no_listing()
    {
        const int listings = 24, photos = 600;
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions
        {
            Listings = listings,
            TotalPhotos = photos,
            Width = 160,
            Height = 120,
            LatencyMedianMs = 1_000,
        });
        using var folder = new TempFolder();
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        var deployment = new Deployment(folder, broker, await postgres.CreateDatabaseAsync());
        await deployment.UseFeedAsync(new Uri(mls.Address, "/Property"));
        deployment.Environment["PhotoWorker__LaneConcurrency"] = "32";
        // So few at once that the feed is still being read when the broker goes away.
        deployment.Environment["Feeds__sample__OutstandingPhotos"] = "100";
        await using var ingest = deployment.Start("FeedIngest");
        await using var worker = deployment.Start("PhotoWorker");
        await using var notifier = deployment.Start("ListingNotifier");
        await Eventually.IsAsync(true, () => Task.FromResult(mls.TotalGets > photos / 10), TimeSpan.FromMinutes(2));

        await rabbitMq.RestartAsync();

        await Eventually.IsAsync(
            photos, () => Task.FromResult(Directory.EnumerateFiles(folder["store/originals"], "*", SearchOption.AllDirectories).Count()), TimeSpan.FromMinutes(3));
        await Eventually.IsAsync(
            listings, () => Task.FromResult(Directory.EnumerateFiles(folder["store/manifests"], "latest.json", SearchOption.AllDirectories).Count()), TimeSpan.FromMinutes(1));
        await broker.IsQuietAsync();
        Assert.All((ServiceProcess[])[ingest, worker, notifier], service => Assert.False(service.HasEnded, string.Join('\n', service.Lines)));
    }
}
