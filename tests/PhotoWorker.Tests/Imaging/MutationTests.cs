using System.Diagnostics;
using System.Globalization;
using ImagePipeline.TestSupport.Pictures;

namespace ImagePipeline.PhotoWorker.Tests.Imaging;

public sealed class MutationTests(ITestOutputHelper output)
{
    const int Cases = 1_000;
    const string SeedVariable = "IMAGEPIPE_TEST_MUTATION_SEED";

    [Fact]
    public async Task Files_damaged_at_random_crash_nothing_hang_nothing_and_leave_no_memory_behind()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [typeof(MutationTests).Assembly.Location, "-explicit", "only", "-noColor", "-noLogo", "-showLiveOutput", "-method", $"*{nameof(In_a_process_of_its_own)}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[SeedVariable] = seed.ToString(CultureInfo.InvariantCulture);
        using var child = Process.Start(start)!;
        var said = await Task.WhenAll(child.StandardOutput.ReadToEndAsync(), child.StandardError.ReadToEndAsync());
        await child.WaitForExitAsync();

        output.WriteLine(said[0] + said[1]);
        Assert.Equal(0, child.ExitCode);
        Assert.Contains($"seed {seed}: {Cases} cases", said[0], StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public void In_a_process_of_its_own()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable(SeedVariable) ?? "1", CultureInfo.InvariantCulture);
        var renderer = Some.Renderer(120, 60);

        Assert.True(MutationRun.Run(seed, 0, Cases, file =>
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
        }, output.WriteLine));
    }
}
