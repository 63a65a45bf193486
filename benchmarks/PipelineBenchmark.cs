using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ImagePipeline.PhotoWorker.Imaging;

namespace ImagePipeline.Benchmarks;

/// <summary>
/// CPU per photo of the whole pipeline beside rendering alone of the same photos: what downloading, storing, the bus and the database cost. The
/// pipeline runs as its own process, start-up included; the MLS runs in another one and is not counted.
/// </summary>
static class PipelineBenchmark
{
    const int Rounds = 3;

    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new BenchmarkArguments(args);
        var (width, height) = (arguments.Number("width", 1024), arguments.Number("height", 768));
        var photos = arguments.Number("photos", 2_000);
        var folder = Directory.CreateTempSubdirectory("imagepipe-benchmark-").FullName;
        try
        {
            var page = Path.Combine(folder, "page.json");
            using var mls = Programs.Start(
                "SampleMls.dll",
                "--listings", Programs.Invariant(Math.Max(1, photos / 25)), "--total-photos", Programs.Invariant(photos), "--width", Programs.Invariant(width), "--height", Programs.Invariant(height),
                "--latency-median-ms", "300", "--latency-spread-ms", "150", "--write-page", page);
            try
            {
                var line = await mls.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("SampleMls did not start.");
                Console.WriteLine(line);
                await CompareAsync(folder, page, await DownloadAsync(page));
            }
            finally
            {
                mls.Kill();
            }
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task CompareAsync(string folder, string page, IReadOnlyList<byte[]> originals)
    {
        ImageEngine.Initialize();
        var renderer = new Renderer(RenditionProfile.Default, new RenderingOptions());
        RenderAlone(renderer, [.. originals.Take(50)]);
        var ratios = new List<double>();
        for (var round = 1; round <= Rounds; round++)
        {
            var alone = RenderAlone(renderer, originals);
            var (pipeline, rate, megabytes) = await RunPipelineAsync(folder, page, round);
            ratios.Add(pipeline / alone);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| rendering alone {alone,6:f1} ms CPU | pipeline {pipeline,6:f1} ms CPU | {pipeline / alone,5:f2} | {rate,6:f1} photos/s | {megabytes,5:f0} MiB |"));
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median ratio {ratios.Order().ElementAt(Rounds / 2):f2}"));
    }

    static double RenderAlone(Renderer renderer, IReadOnlyList<byte[]> originals)
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        Parallel.ForEach(originals, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, photo => renderer.Render(photo));
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalMilliseconds / originals.Count;
    }

    static async Task<(double CpuMs, double PhotosPerSecond, double PeakMegabytes)> RunPipelineAsync(string folder, string page, int round)
    {
        var (store, state, summary) = (Path.Combine(folder, $"store{round}"), Path.Combine(folder, $"{round}.db"), Path.Combine(folder, $"{round}.json"));
        using var run = Programs.Start("imagepipe.dll", "run", "--feed", page, "--store", $"file:{store}", "--state", state, "--allow-host", "127.0.0.1", "--summary", summary);
        await Task.WhenAll(run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync(), run.WaitForExitAsync());
        using var numbers = JsonDocument.Parse(await File.ReadAllTextAsync(summary));
        // The store stays until the end: a file system that has just deleted much is slower at making files.
        return (
            numbers.RootElement.GetProperty("cpuMsPerPhoto").GetDouble(),
            numbers.RootElement.GetProperty("photosPerSecond").GetDouble(),
            numbers.RootElement.GetProperty("peakRssBytes").GetInt64() / 1048576.0);
    }

    static async Task<IReadOnlyList<byte[]>> DownloadAsync(string page)
    {
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(page));
        var urls = document.RootElement.GetProperty("value").EnumerateArray()
            .SelectMany(listing => listing.GetProperty("Media").EnumerateArray()).Select(media => media.GetProperty("MediaURL").GetString()!);
        using var http = new HttpClient();
        var originals = new List<byte[]>();
        foreach (var some in urls.Chunk(64))
            originals.AddRange(await Task.WhenAll(some.Select(url => http.GetByteArrayAsync(new Uri(url)))));
        return originals;
    }
}
