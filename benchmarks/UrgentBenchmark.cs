using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ImagePipeline.SampleMls;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Benchmarks;

/// <summary>
/// How long somebody waits who asks for a listing now: on an idle system, and behind a backlog. The services run as processes of their own on
/// RabbitMQ and PostgreSQL; the listing is new to them, so it is read, downloaded, rendered, stored and announced in that time.
/// </summary>
static class UrgentBenchmark
{
    const int PhotosPerListing = 25;

    static readonly string[] MessageType = ["urn:message:ImagePipeline.Contracts:ListingPhotosRequested"];

    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new BenchmarkArguments(args);
        var (width, height) = (arguments.Number("width", 1024), arguments.Number("height", 768));
        var (backlog, rounds) = (arguments.Number("backlog", 20_000), arguments.Number("rounds", 5));

        await using var postgres = new PostgresServer();
        await using var rabbitMq = new RabbitMqServer();
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var website = await Website.OpenAsync(broker);
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions
        {
            Listings = 2,
            PhotosPerListing = PhotosPerListing,
            Width = width,
            Height = height,
            LatencyMedianMs = 100,
            LatencySpreadMs = 50,
        });
        using var folder = new TempFolder();
        var deployment = new Deployment(folder, broker, await postgres.CreateDatabaseAsync());
        await deployment.UseFeedAsync(new Uri(mls.Address, "/Property"));
        deployment.Environment["Feeds__sample__OutstandingPhotos"] = (2 * backlog).ToString(CultureInfo.InvariantCulture);
        deployment.Environment["FeedIngest__ReadInterval"] = "00:00:20";
        await using var ingest = deployment.Start("FeedIngest");
        await using var worker = deployment.Start("PhotoWorker");
        await using var notifier = deployment.Start("ListingNotifier");
        await website.UntilCompleteAsync(2, TimeSpan.FromMinutes(2));

        // The first finds nothing compiled yet.
        await AskAsync(broker, mls, website);
        var idle = await MedianAsync("idle", rounds, () => AskAsync(broker, mls, website));
        for (var listing = 0; listing < backlog / PhotosPerListing; listing++)
            mls.AddListing(PhotosPerListing);
        await Eventually.IsAsync(true, async () => await broker.CountAsync("photo-requested-sample") > backlog * 0.9, TimeSpan.FromMinutes(5));
        var behind = await MedianAsync("behind the backlog", rounds, async () =>
        {
            Console.WriteLine($"{await broker.CountAsync("photo-requested-sample")} requests wait");
            return await AskAsync(broker, mls, website);
        });

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median idle {idle:f2} s, behind {backlog} requests {behind:f2} s, ratio {behind / idle:f2}"));
        return 0;
    }

    static async Task<double> MedianAsync(string what, int rounds, Func<Task<TimeSpan>> ask)
    {
        var times = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            times.Add((await ask()).TotalSeconds);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: ready after {times[^1]:f2} s"));
        }
        return times.Order().ElementAt(rounds / 2);
    }

    static async Task<TimeSpan> AskAsync(TestBroker broker, SampleMlsServer mls, Website website)
    {
        var key = mls.AddListing(PhotosPerListing);
        var elapsed = Stopwatch.StartNew();
        await broker.PublishAsync("ImagePipeline.Contracts:ListingPhotosRequested", "", Envelope(key), contentType: "application/vnd.masstransit+json");
        await Eventually.IsAsync(
            true, () => Task.FromResult(website.Latest.GetValueOrDefault($"sample/{key}") is { Complete: true }), TimeSpan.FromMinutes(5));
        return elapsed.Elapsed;
    }

    static string Envelope(string listingKey) => JsonSerializer.Serialize(new
    {
        messageId = Guid.NewGuid(),
        messageType = MessageType,
        message = new { feed = "sample", listingKey, reason = "Somebody waits.", urgent = true },
    });
}
