using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ImagePipeline.Benchmarks;

/// <summary>
/// The most memory that a run with default settings takes: 2,000 photos of 2048x1536 at 256 concurrent downloads. The pipeline runs as its own process; the MLS, in
/// another one, answers late enough that all downloads are under way at once.
/// </summary>
static class MemoryBenchmark
{
    const int Rounds = 3;
    const double BarMegabytes = 350;

    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new BenchmarkArguments(args);
        var (width, height) = (arguments.Number("width", 2048), arguments.Number("height", 1536));
        var (photos, rounds) = (arguments.Number("photos", 2_000), arguments.Number("rounds", Rounds));
        var (latency, feeds) = (arguments.Number("latency-ms", 1_000), arguments.Number("feeds", 1));
        var folder = Directory.CreateTempSubdirectory("imagepipe-benchmark-").FullName;
        var servers = new List<Process>();
        try
        {
            var pages = new List<string>();
            for (var n = 1; n <= feeds; n++)
            {
                pages.Add(Path.Combine(folder, $"feed{n}.json"));
                servers.Add(Programs.Start(
                    "SampleMls.dll",
                    "--listings", Programs.Invariant(Math.Max(1, photos / feeds / 25)), "--total-photos", Programs.Invariant(photos / feeds),
                    "--width", Programs.Invariant(width), "--height", Programs.Invariant(height), "--seed", Programs.Invariant(n),
                    "--latency-median-ms", Programs.Invariant(latency), "--latency-spread-ms", Programs.Invariant(latency / 2), "--write-page", pages[^1]));
                Console.WriteLine(await servers[^1].StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("SampleMls did not start."));
            }

            var peaks = new List<double>();
            for (var round = 1; round <= rounds; round++)
                peaks.Add(await RunPipelineAsync(folder, pages, round));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"highest peak {peaks.Max():f0} MB; the bar is {BarMegabytes:f0} MB"));
            return peaks.Max() < BarMegabytes ? 0 : 1;
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

    static async Task<double> RunPipelineAsync(string folder, IEnumerable<string> pages, int round)
    {
        var (store, state, summary) = (Path.Combine(folder, $"store{round}"), Path.Combine(folder, $"{round}.db"), Path.Combine(folder, $"{round}.json"));
        using var run = Programs.Start(
            "imagepipe.dll",
            ["run", .. pages.SelectMany(page => new[] { "--feed", page }), "--store", $"file:{store}", "--state", state, "--allow-host", "127.0.0.1", "--summary", summary]);
        var talk = Task.WhenAll(run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
        await run.WaitForExitAsync();
        if (run.ExitCode != 0)
            throw new InvalidOperationException("imagepipe ended with an error: " + (await talk)[1]);
        using var numbers = JsonDocument.Parse(await File.ReadAllTextAsync(summary));
        var megabytes = numbers.RootElement.GetProperty("peakRssBytes").GetInt64() / 1e6;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {numbers.RootElement.GetProperty("photos").GetProperty("stored").GetInt32(),6} photos stored | {numbers.RootElement.GetProperty("photosPerSecond").GetDouble(),6:f1} photos/s | {numbers.RootElement.GetProperty("cpuMsPerPhoto").GetDouble(),6:f1} ms CPU | {megabytes,5:f0} MB at most |"));
        Directory.Delete(store, recursive: true);
        return megabytes;
    }
}
