using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Dapper;
using ImagePipeline.Storage.Database;

namespace ImagePipeline.Benchmarks;

/// <summary>
/// What four normal feeds lose beside one whose photo server takes 10 s a photo: how long until the four are announced, alone and beside it. The pipeline
/// runs as its own process, each feed's MLS in another one. The slow feed never ends by itself: its run is killed when the four are through.
/// </summary>
static class SlowLaneBenchmark
{
    const int Rounds = 3;
    const int Normal = 4;

    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new BenchmarkArguments(args);
        var (width, height) = (arguments.Number("width", 320), arguments.Number("height", 240));
        var (photos, latency) = (arguments.Number("photos", 2_000), arguments.Number("slow-ms", 10_000));
        var folder = Directory.CreateTempSubdirectory("imagepipe-benchmark-").FullName;
        var servers = new List<Process>();
        try
        {
            for (var n = 0; n <= Normal; n++)
            {
                var isSlow = n == Normal;
                var mls = Programs.Start(
                    "SampleMls.dll",
                    // More than the slow one can give meanwhile, so that its lane is full all the time.
                    "--listings", Programs.Invariant(photos / 25), "--photos-per-listing", "25",
                    "--width", Programs.Invariant(width), "--height", Programs.Invariant(height), "--seed", Programs.Invariant(n + 1),
                    "--latency-median-ms", isSlow ? Programs.Invariant(latency) : "300", "--latency-spread-ms", isSlow ? "0" : "150",
                    "--write-page", Path.Combine(folder, $"{Name(n)}.json"));
                servers.Add(mls);
                Console.WriteLine(await mls.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("SampleMls did not start."));
            }

            var losses = new List<double>();
            for (var round = 1; round <= Rounds; round++)
            {
                var (alone, _) = await RunPipelineAsync(folder, $"{round}-alone", Normal);
                var (beside, slow) = await RunPipelineAsync(folder, $"{round}-beside", Normal + 1);
                losses.Add(1 - alone / beside);
                var count = Normal * (photos / 25 * 25);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| alone {alone,6:f1} s, {count / alone,6:f1} photos/s | beside the slow one {beside,6:f1} s, {count / beside,6:f1} photos/s | {slow,4} photos of the slow one meanwhile | {100 * losses[^1],5:f1} % lost |"));
            }
            var median = losses.Order().ElementAt(Rounds / 2);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median {100 * median:f1} % lost; the bar is 15 %"));
            return median < 0.15 ? 0 : 1;
        }
        finally
        {
            foreach (var server in servers)
            {
                server.Kill();
                server.Dispose();
            }
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<(double Seconds, int SlowPhotos)> RunPipelineAsync(string folder, string name, int feeds)
    {
        var state = Path.Combine(folder, $"{name}.db");
        var pages = Enumerable.Range(0, feeds).SelectMany(n => new[] { "--feed", Path.Combine(folder, $"{Name(n)}.json") });
        var clock = Stopwatch.StartNew();
        using var run = Programs.Start("imagepipe.dll", ["run", .. pages, "--store", $"file:{Path.Combine(folder, name)}", "--state", state, "--allow-host", "127.0.0.1"]);
        try
        {
            var talk = Task.WhenAll(run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
            await using var database = PipelineDatabase.Open($"Data Source={state}");
            while (await DatabaseSchema.CheckAsync(database, CancellationToken.None) != 0 || await CountAsync(database, "settled = 0 OR announced_at IS NULL", "NOT") > 0
                || await CountAsync(database, "1 = 1", "NOT") < await ListingsAsync(folder))
            {
                if (run.HasExited)
                    throw new InvalidOperationException("imagepipe ended before the feeds were through: " + (await talk)[1]);
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }
            return (clock.Elapsed.TotalSeconds, await CountAsync(database, "1 = 1", "", "COALESCE(SUM(stored), 0)"));
        }
        finally
        {
            run.Kill();
            await run.WaitForExitAsync();
        }
    }

    static async Task<int> CountAsync(PipelineDatabase database, string where, string not, string what = "COUNT(*)")
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<int>($"SELECT {what} FROM listing_saga WHERE ({where}) AND {not} feed = 'slow'");
    }

    static async Task<int> ListingsAsync(string folder)
    {
        var count = 0;
        for (var n = 0; n < Normal; n++)
        {
            using var page = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, $"{Name(n)}.json")));
            count += page.RootElement.GetProperty("value").GetArrayLength();
        }
        return count;
    }

    static string Name(int n) => n == Normal ? "slow" : $"normal{n + 1}";
}
