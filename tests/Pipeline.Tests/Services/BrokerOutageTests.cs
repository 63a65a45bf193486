using ImagePipeline.SampleMls;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Services;

public sealed class BrokerOutageTests(PostgresServer postgres, RestartableRabbitMqServer rabbitMq) : IClassFixture<RestartableRabbitMqServer>
{
    [Fact]
    public async Task A_restart_of_the_broker_in_the_middle_stops_no_service_and_loses_no_listing()
    {
        const int feeds = 4, listings = 10, photos = 250;
        using var folder = new TempFolder();
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        var deployment = new Deployment(folder, broker, await postgres.CreateDatabaseAsync());
        await deployment.UseFeedAsync(null);
        var servers = new List<SampleMlsServer>();
        for (var feed = 0; feed < feeds; feed++)
        {
            servers.Add(await SampleMlsServer.StartAsync(new SampleMlsOptions
            {
                Seed = feed + 1,
                Listings = listings,
                TotalPhotos = photos,
                Width = 160,
                Height = 120,
                LatencyMedianMs = 1_000,
            }));
            deployment.Environment[$"Feeds__mls-{feed}__Source"] = new Uri(servers[feed].Address, "/Property").ToString();
            // So few at once that the feed is still being read when the broker goes away.
            deployment.Environment[$"Feeds__mls-{feed}__OutstandingPhotos"] = "100";
        }
        deployment.Environment["PhotoWorker__LaneConcurrency"] = "48";
        await using var ingest = deployment.Start("FeedIngest");
        await using var worker = deployment.Start("PhotoWorker");
        await using var notifier = deployment.Start("ListingNotifier");
        await Eventually.IsAsync(true, () => Task.FromResult(servers.Sum(s => s.TotalGets) > feeds * photos / 8), TimeSpan.FromMinutes(2));

        await rabbitMq.RestartAsync();

        await Eventually.IsAsync(
            feeds * photos, () => Task.FromResult(Directory.EnumerateFiles(folder["store/originals"], "*", SearchOption.AllDirectories).Count()), TimeSpan.FromMinutes(5));
        await Eventually.IsAsync(
            feeds * listings, () => Task.FromResult(Directory.EnumerateFiles(folder["store/manifests"], "latest.json", SearchOption.AllDirectories).Count()));
        await broker.IsQuietAsync();
        Assert.All((ServiceProcess[])[ingest, worker, notifier], service => Assert.False(service.HasEnded, string.Join('\n', service.Lines)));
        foreach (var server in servers)
            await server.DisposeAsync();
    }
}
