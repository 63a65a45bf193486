using ImagePipeline.SampleMls;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Services;

public sealed class BrokerOutageTests(PostgresServer postgres, RestartableRabbitMqServer rabbitMq) : IClassFixture<RestartableRabbitMqServer>
{
    static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(5); // The shortest there is.

    [Fact]
    public Task A_restart_of_the_broker_in_the_middle_stops_no_service_and_loses_no_listing() => CompletesAsync(_ => rabbitMq.RestartAsync());

    [Fact]
    public Task A_broker_that_takes_no_messages_for_a_while_stops_no_service_and_loses_no_listing_and_the_sample_in_Node_js_says_why_it_waits() => CompletesAsync(async broker =>
    {
        await using var node = new WebsiteNode();
        await node.InitializeAsync();

        await rabbitMq.TakeNoMessagesAsync();
        await using var asking = node.Start("ask.mjs", broker, "mls-0", "S1000");
        await asking.UntilComplainedAsync("The broker takes no messages now: low on disk");
        // What is under way is late twice over, and is published again.
        await Task.Delay(ConfirmTimeout * 2.4, TimeProvider.System);
        Assert.False(asking.HasEnded);
        await rabbitMq.TakeMessagesAsync();

        Assert.Equal(0, (await asking.EndAsync()).ExitCode);
    });

    async Task CompletesAsync(Func<TestBroker, Task> trouble)
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
        deployment.Environment["Bus__ConfirmTimeout"] = ConfirmTimeout.ToString();
        await using var ingest = deployment.Start("FeedIngest");
        await using var worker = deployment.Start("PhotoWorker");
        await using var notifier = deployment.Start("ListingNotifier");
        await Eventually.IsSoAsync(() => servers.Sum(s => s.TotalGets) > feeds * photos / 8);

        await trouble(broker);

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
