using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ImagePipeline.SampleMls;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Benchmarks;

/// <summary>
/// 5,000 failed messages of 12 kinds: how long <c>imagepipe errors list</c> takes to take them in and show their groups, and whether one group replayed at 200/s ends ready for its
/// listings, with the rest untouched. With kills, whether it ends so too when the tool is killed with -9 at random moments, first while it takes in, then while it replays. One kind is of
/// the services' own making: a photo server that is down when the worker asks it; the others lie in the error queues as the bus writes them.
/// </summary>
static class ErrorsBenchmark
{
    const int PhotosPerListing = 25;

    // What a killed process was at is left alone for so long.
    static readonly TimeSpan ClaimTime = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new BenchmarkArguments(args);
        var (messages, listings, rate) = (arguments.Number("messages", 5_000), arguments.Number("listings", 40), arguments.Number("rate", 200));
        var (kills, seed) = (arguments.Number("kills", 0), arguments.Number("seed", Random.Shared.Next(1, int.MaxValue)));
        var photos = listings * PhotosPerListing;

        await using var postgres = new PostgresServer();
        await using var rabbitMq = new RabbitMqServer();
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var website = await Website.OpenAsync(broker);
        using var folder = new TempFolder();
        var deployment = new Deployment(folder, broker, await postgres.CreateDatabaseAsync());
        deployment.Environment["Rungs__Delays__0"] = "00:00:00.2";
        // The tool takes in by itself, as it must.
        deployment.Environment["Errors__TakeIn"] = "false";
        deployment.Environment["Replay__ClaimTime"] = ClaimTime.ToString();
        var options = new SampleMlsOptions { Listings = listings, PhotosPerListing = PhotosPerListing, Width = 160, Height = 120, LatencyMedianMs = 20, LatencySpreadMs = 10 };
        await using (var mls = await SampleMlsServer.StartAsync(options))
        {
            options = new SampleMlsOptions { Port = mls.Address.Port, Listings = listings, PhotosPerListing = PhotosPerListing, Width = 160, Height = 120, LatencyMedianMs = 20, LatencySpreadMs = 10 };
            await deployment.UseFeedAsync(new Uri(mls.Address, "/Property"));
            await using var ingest = deployment.Start("FeedIngest");
            await Eventually.IsAsync(photos, async () => (int)(await broker.CountAsync("photo-requested-sample") ?? 0), TimeSpan.FromMinutes(3));
        }
        await using var notifier = deployment.Start("ListingNotifier");
        await using var worker = deployment.Start("PhotoWorker");
        await Eventually.IsAsync(photos, async () => (int)(await broker.CountAsync("photo-requested-sample_error") ?? 0), TimeSpan.FromMinutes(5));
        var counts = Enumerable.Range(0, FailureKinds.Count).Select(i => ((messages - photos) / FailureKinds.Count) + (i < (messages - photos) % FailureKinds.Count ? 1 : 0)).ToList();
        var random = new Random(seed);
        var raw = counts.SelectMany((count, i) => FailureKinds.Of(i, count)).ToArray();
        random.Shuffle(raw);
        foreach (var some in raw.Chunk(kills > 1 ? (raw.Length / (kills / 2)) + 1 : raw.Length))
        {
            await RawFailure.PutAsync(broker, some);
            if (kills > 1)
                await KilledAsync(deployment, random, TimeSpan.FromSeconds(2), "list");
        }

        var clock = Stopwatch.StartNew();
        var before = await GroupsAsync(deployment);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{before.Values.Sum()} messages taken in and listed in {before.Count} groups after {clock.Elapsed.TotalSeconds:f1} s"));
        clock.Restart();
        await GroupsAsync(deployment);
        var list = clock.Elapsed;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"listed again after {list.TotalSeconds:f1} s"));

        await using var mended = await SampleMlsServer.StartAsync(options);
        var group = before.Single(g => g.Value == photos).Key;
        for (var kill = 0; kill < kills / 2; kill++)
            await KilledAsync(deployment, random, 2 * ClaimTime, "replay", group, "--yes", "--rate", $"{Math.Max(1, rate / 20)}/s");
        if (kills > 1)
            Console.WriteLine($"seed {seed}: killed {kills / 2} times while taking in and {kills / 2} times while replaying; {await SentAsync(deployment)} of {photos} were recorded as sent then");
        clock.Restart();
        // Without a group it finishes what the killed ones have left.
        await using var replay = Errors(deployment, ["replay", .. kills > 1 ? (string[])[] : [group, "--yes"], "--rate", $"{rate}/s"]);
        var ended = await replay.EndAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ended.Out.Trim()}; {clock.Elapsed.TotalSeconds:f1} s, start of the program included"));
        await website.UntilCompleteAsync(listings, TimeSpan.FromMinutes(3));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{listings} listings of {photos} photos ready after {clock.Elapsed.TotalSeconds:f1} s, {mended.TotalGets} GETs"));

        var after = await GroupsAsync(deployment);
        before.Remove(group);
        var growing = website.Announcements.GroupBy(a => a.Listing).All(heard => heard.Select(a => a.Announcement).SequenceEqual(heard.Select(a => a.Announcement).Order()));
        var isRight = ended.ExitCode == 0 && growing && before.Count == FailureKinds.Count && before.Count == after.Count && before.All(g => after.GetValueOrDefault(g.Key) == g.Value)
            && before.Values.Order().SequenceEqual(counts.Order()) && website.Latest.Values.Sum(a => a.Photos) == photos && list < TimeSpan.FromSeconds(5);
        Console.WriteLine(isRight ? $"the other {after.Count} groups are as they were" : $"not as it should be: {ended.Said}\n{string.Join(", ", after)}");
        return isRight ? 0 : 1;
    }

    // The tool needs most of a second to start.
    static async Task KilledAsync(Deployment deployment, Random random, TimeSpan latest, params string[] arguments)
    {
        await using var tool = Errors(deployment, arguments);
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300, (int)latest.TotalMilliseconds)), TimeProvider.System);
        await tool.KillAsync();
    }

    static async Task<long> SentAsync(Deployment deployment)
    {
        await using var history = Errors(deployment, "history", "--json");
        return JsonDocument.Parse((await history.EndAsync()).Out).RootElement.GetProperty("history").EnumerateArray().Sum(replay => replay.GetProperty("sent").GetInt64());
    }

    static ServiceProcess Errors(Deployment deployment, params string[] arguments) => ServiceProcess.Run(
        "imagepipe", Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "imagepipe.dll"), "errors", .. arguments],
        AppContext.BaseDirectory, deployment.Environment);

    static async Task<Dictionary<string, int>> GroupsAsync(Deployment deployment)
    {
        await using var list = Errors(deployment, "list", "--json");
        var listed = await list.EndAsync();
        return JsonDocument.Parse(listed.Out).RootElement.GetProperty("groups").EnumerateArray().ToDictionary(g => g.GetProperty("id").GetString()!, g => g.GetProperty("messages").GetInt32());
    }
}

/// <summary><c>imagepipe errors replay</c> killed with -9 at 30 random moments; see <see cref="KilledReplays"/>.</summary>
static class ErrorsKillsBenchmark
{
    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new BenchmarkArguments(args);
        await using var postgres = new PostgresServer();
        await using var rabbitMq = new RabbitMqServer();
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        using var folder = new TempFolder();
        var seed = arguments.Number("seed", Random.Shared.Next(1, int.MaxValue));
        await new KilledReplays(broker, await postgres.CreateDatabaseAsync(), folder, Console.WriteLine).RunAsync(arguments.Number("kills", 30), seed);
        return 0;
    }
}
