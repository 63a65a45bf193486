using System.Diagnostics;
using System.Globalization;
using ImagePipeline.SampleMls;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Services;

public sealed class StoreOutageTests(PostgresServer postgres, RabbitMqServer rabbitMq, ITestOutputHelper output)
{
    // Longer by hand: IMAGEPIPE_TEST_OUTAGE_SECONDS=120.
    static readonly TimeSpan Outage = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("IMAGEPIPE_TEST_OUTAGE_SECONDS") ?? "15", CultureInfo.InvariantCulture));

    [Fact]
    public async Task A_store_that_cannot_be_written_for_a_while_closes_the_gate_fails_no_photo_and_no_photo_is_fetched_twice()
    {
        const int feeds = 3, photosOfEach = 300;
        using var folder = new TempFolder();
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var website = await Website.OpenAsync(broker);
        var deployment = new Deployment(folder, broker, await postgres.CreateDatabaseAsync());
        await deployment.UseFeedAsync(null);
        var servers = new List<SampleMlsServer>();
        for (var feed = 0; feed < feeds; feed++)
        {
            servers.Add(await SampleMlsServer.StartAsync(new SampleMlsOptions
            {
                Seed = feed + 1,
                Listings = 12,
                TotalPhotos = photosOfEach,
                Width = 320,
                Height = 240,
                LatencyMedianMs = 500,
                LatencySpreadMs = 200,
            }));
            deployment.Environment[$"Feeds__mls-{feed}__Source"] = new Uri(servers[feed].Address, "/Property").ToString();
        }
        deployment.Environment["PhotoWorker__LaneConcurrency"] = "16";
        await using var ingest = deployment.Start("FeedIngest");
        await using var worker = deployment.Start("PhotoWorker");
        await using var another = deployment.Start("PhotoWorker");
        await using var notifier = deployment.Start("ListingNotifier");
        await Eventually.IsSoAsync(() => servers.Sum(s => s.TotalGets) > 150);

        var gone = Stopwatch.StartNew();
        folder.TakeAway("store");
        foreach (var process in (ServiceProcess[])[worker, another])
            await Eventually.IsAsync(1.0, async () => await SumAsync(process, "imagepipe_gate_closed", "store"));
        output.WriteLine($"closed everywhere after {gone.Elapsed.TotalSeconds:0.0} s");
        await Task.Delay(Outage - gone.Elapsed > TimeSpan.Zero ? Outage - gone.Elapsed : TimeSpan.Zero, TimeProvider.System);
        var getsMeanwhile = servers.Sum(s => s.TotalGets);
        var probes = await SumAsync(worker, "imagepipe_gate_probes_total", "store") + await SumAsync(another, "imagepipe_gate_probes_total", "store");
        var lasted = gone.Elapsed;
        folder.GiveBack("store");

        await Eventually.IsAsync(feeds * photosOfEach, () => Task.FromResult(website.Latest.Values.Where(a => a.Complete).Sum(a => a.Photos)), TimeSpan.FromMinutes(5));
        output.WriteLine($"{getsMeanwhile} GETs when the store came back, {servers.Sum(s => s.TotalGets)} in all; {probes} probes");
        await broker.IsQuietAsync();
        Assert.Equal(feeds * photosOfEach, servers.Sum(s => s.TotalGets));
        // The pauses double from 1 s to 15 s, and each process looks for itself.
        Assert.InRange(probes, 0, 2 * (2 + Math.Log2(15) + (lasted.TotalSeconds / 15)));
        foreach (var server in servers)
            await server.DisposeAsync();
    }

    static async Task<double> SumAsync(ServiceProcess process, string metric, string gate) =>
        (await process.MetricsAsync()).Where(m => m.Name == metric && m["gate"] == gate).Sum(m => m.Value);
}
