using System.Globalization;
using System.Text.Json;
using ImagePipeline.TestSupport.Pictures;

namespace ImagePipeline.Benchmarks;

/// <summary>2,000 bad photos of all kinds among 2,000 good ones, through the whole pipeline: what becomes of the good ones with and without them, and the peak memory.</summary>
static class HostileBenchmark
{
    const double BarMegabytes = 500;

    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new BenchmarkArguments(args);
        var (good, bad) = (arguments.Number("good", 2_000), arguments.Number("bad", 2_000));
        var folder = Directory.CreateTempSubdirectory("imagepipe-benchmark-").FullName;
        try
        {
            using var feed = new MixedFeed(good, bad);
            var alone = await RunPipelineAsync(folder, "alone", feed.Page(withBad: false));
            var mixed = await RunPipelineAsync(folder, "mixed", feed.Page(withBad: true));
            var differences = MixedFeed.Differences(Path.Combine(folder, "alone"), Path.Combine(folder, "mixed"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{differences.Count} objects of good photos differ; rejected {mixed.Rejected} of {feed.Rejected} that are to be; peak {mixed.PeakMegabytes:f0} MB, the bar is {BarMegabytes:f0} MB"));
            return differences.Count == 0 && mixed.Rejected == feed.Rejected && mixed.PeakMegabytes < BarMegabytes ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<(int Rejected, double PeakMegabytes)> RunPipelineAsync(string folder, string name, string page)
    {
        var (feed, summary) = (Path.Combine(folder, name + ".d", "feed.json"), Path.Combine(folder, name + ".summary.json"));
        Directory.CreateDirectory(Path.GetDirectoryName(feed)!);
        await File.WriteAllTextAsync(feed, page);
        using var run = Programs.Start(
            "imagepipe.dll", "run", "--feed", feed, "--store", $"file:{Path.Combine(folder, name)}", "--state", Path.Combine(folder, name + ".db"),
            "--allow-host", "127.0.0.1", "--summary", summary);
        var said = await Task.WhenAll(run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
        await run.WaitForExitAsync();
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"imagepipe ended with {run.ExitCode}: {said[1]}");
        using var numbers = JsonDocument.Parse(await File.ReadAllTextAsync(summary));
        var photos = numbers.RootElement.GetProperty("photos");
        var megabytes = numbers.RootElement.GetProperty("peakRssBytes").GetInt64() / 1e6;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: {photos.GetProperty("stored").GetInt32()} stored, {photos.GetProperty("rejected").GetInt32()} rejected, {photos.GetProperty("failed").GetInt32()} failed, {numbers.RootElement.GetProperty("elapsedSeconds").GetDouble():f0} s, peak {megabytes:f0} MB, {numbers.RootElement.GetProperty("rejectedByReason")}"));
        return (photos.GetProperty("rejected").GetInt32(), megabytes);
    }
}
