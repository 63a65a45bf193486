using System.Globalization;
using ImagePipeline.PhotoWorker.Imaging;
using ImagePipeline.TestSupport.Pictures;
using NetVips;

namespace ImagePipeline.Benchmarks;

/// <summary>
/// CPU per photo of the renderer beside bare NetVips programs that write the same four renditions, and how like they are to what one full decode and one Lanczos
/// resize from the original give.
/// </summary>
static class RenderingBenchmark
{
    const int Sources = 4, PhotosARound = 4, WarmUpRounds = 3;
    const double BarSsim = 0.99;

    public static int Run(string[] args)
    {
        var arguments = new BenchmarkArguments(args);
        var (width, height) = (arguments.Number("width", 2048), arguments.Number("height", 1536));
        var (photos, threads) = (arguments.Number("photos", 120), arguments.Number("threads", Environment.ProcessorCount));
        var quality = arguments.Number("quality", 87);

        ImageEngine.Initialize();
        var renderer = new Renderer(RenditionProfile.Default, new RenderingOptions { MaxPixels = 500_000_000 });
        var sources = Enumerable.Range(0, Sources).Select(seed => DrawnPhotograph.Jpeg(width, height, seed, quality)).ToArray();
        (string Name, Action<byte[]> Work)[] ways =
        [
            ("a thumbnail call for each rendition", BareNetVips.ThumbnailForEach),
            ("thumbnail of the largest, then a cascade", BareNetVips.ThumbnailThenCascade),
            ("shrink at decode, then a cascade", BareNetVips.ShrinkThenCascade),
            ("Renderer", photo => renderer.Render(photo)),
        ];

        // The ways take turns in short rounds, so that what else the machine does falls on all of them; the first rounds only warm up.
        var total = new TimeSpan[ways.Length];
        var rounds = (photos + PhotosARound - 1) / PhotosARound;
        for (var round = -WarmUpRounds; round < rounds; round++)
        {
            for (var way = 0; way < ways.Length; way++)
            {
                var spent = Measure(ways[way].Work, sources, PhotosARound, threads);
                total[way] += round < 0 ? TimeSpan.Zero : spent;
            }
        }

        var kilobytes = sources.Average(source => source.Length) / 1024;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{width}x{height}, {kilobytes:f0} KB, {rounds * PhotosARound} photos, {threads} threads, {ImageEngine.Version}"));
        var milliseconds = total.Select(time => time.TotalMilliseconds / (rounds * PhotosARound)).ToArray();
        var (server, fastestBare) = (milliseconds[0], milliseconds[..^1].Min());
        for (var way = 0; way < ways.Length; way++)
        {
            var (toServer, toBare) = (milliseconds[way] / server, milliseconds[way] / fastestBare);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {ways[way].Name,-41} | {milliseconds[way],6:f1} ms CPU | {toServer,5:f2} | {toBare,5:f2} |"));
        }

        var worst = LowestSsim(renderer, sources);
        Console.WriteLine("lowest SSIM before encoding: " + string.Join(", ", RenditionProfile.Default.Renditions.Select(
            (rendition, index) => string.Create(CultureInfo.InvariantCulture, $"{rendition.Name} {worst[index]:f4}"))) + $"; the bar is {BarSsim.ToString(CultureInfo.InvariantCulture)}");
        return worst.Min() >= BarSsim ? 0 : 1;
    }

    static double[] LowestSsim(Renderer renderer, byte[][] sources)
    {
        var lowest = RenditionProfile.Default.Renditions.Select(_ => 1.0).ToArray();
        foreach (var source in sources)
        {
            using var decoded = Image.NewFromBuffer(source);
            using var full = decoded.CopyMemory();
            renderer.RenderPixels(source, (pixels, wanted) =>
            {
                using var reference = full.Resize((double)pixels.Width / full.Width, vscale: (double)pixels.Height / full.Height);
                var ssim = Ssim.Of(pixels, reference);
                foreach (var index in wanted)
                    lowest[index] = Math.Min(lowest[index], ssim);
            });
        }

        return lowest;
    }

    static TimeSpan Measure(Action<byte[]> work, byte[][] sources, int count, int threads)
    {
        // Garbage of one way must not be collected on another's account.
        GC.Collect();
        var before = Environment.CpuUsage.TotalTime;
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, photo => work(sources[photo % sources.Length]));
        return Environment.CpuUsage.TotalTime - before;
    }
}
