using System.Diagnostics;
using System.Globalization;
using ImagePipeline.PhotoWorker;
using ImagePipeline.PhotoWorker.Imaging;
using ImagePipeline.TestSupport.Pictures;

namespace ImagePipeline.Benchmarks;

/// <summary>
/// 50,000 files damaged at random, through the renderer in a process of its own: no crash, no hang, memory flat. A number of a case that failed is repeated with
/// <c>--seed</c> and <c>--first</c>.
/// </summary>
static class MutationBenchmark
{
    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new BenchmarkArguments(args);
        var seed = arguments.Number("seed", Random.Shared.Next(1, int.MaxValue));
        Console.WriteLine($"seed {seed}");
        var clock = Stopwatch.StartNew();
        using var child = Process.Start(
            Environment.ProcessPath!,
            [
                .. Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? new[] { Environment.GetCommandLineArgs()[0] } : [],
                "mutations-child", "--seed", Programs.Invariant(seed), "--first", Programs.Invariant(arguments.Number("first", 1)),
                "--cases", Programs.Invariant(arguments.Number("cases", 50_000)),
            ]);
        await child.WaitForExitAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ended with {child.ExitCode} after {clock.Elapsed.TotalSeconds:f0} s"));
        return child.ExitCode == 0 ? 0 : 1;
    }

    public static int RunChild(string[] args)
    {
        var arguments = new BenchmarkArguments(args);
        ImageEngine.Initialize();
        var renderer = new Renderer(RenditionProfile.Default, new RenderingOptions());
        var isGood = MutationRun.Run(arguments.Number("seed", 1), arguments.Number("first", 1), arguments.Number("cases", 50_000), file =>
        {
            try
            {
                renderer.Render(file);
                return true;
            }
            catch (RejectedException)
            {
                return false;
            }
        }, Console.WriteLine);
        return isGood ? 0 : 1;
    }
}
