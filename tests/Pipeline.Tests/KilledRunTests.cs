using ImagePipeline.SampleMls;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Pipeline.Tests;

public sealed class KilledRunTests(ITestOutputHelper output)
{
    const int Kills = 10;

    [Fact]
    public async Task Killed_at_ten_random_moments_it_completes_with_exactly_the_right_objects_and_fetches_nothing_again_that_it_kept()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        // Slow enough that ten kills fall into the work: 256 downloads at once of 600 ms and more.
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions
        {
            Listings = 40,
            TotalPhotos = 1_500,
            Width = 320,
            Height = 240,
            LatencyMedianMs = 600,
            LatencySpreadMs = 400,
        });
        using var folder = new TempFolder();
        var imagepipe = new Imagepipe(folder);
        await mls.WritePageAsync(folder["page.json"]);

        var kept = new Dictionary<string, int>();
        for (var kill = 0; kill < Kills; kill++)
        {
            var getsBefore = mls.TotalGets;
            var run = imagepipe.StartRun("--feed", folder["page.json"]);
            // However slow the machine is at starting a process, the kill falls into the work.
            while (mls.TotalGets == getsBefore && !run.EndsWithin(TimeSpan.FromMilliseconds(20)))
            {
            }
            if (run.EndsWithin(TimeSpan.FromMilliseconds(random.Next(0, 2_000))))
            {
                output.WriteLine($"ended before kill {kill + 1}");
                await run.EndAsync();
                break;
            }
            await run.KillAsync();
            foreach (var photo in imagepipe.Objects("originals").Keys.Select(PhotoName))
                kept.TryAdd(photo, mls.GetsByPhoto.GetValueOrDefault(photo));
            output.WriteLine($"kill {kill + 1}: {kept.Count} originals kept");
        }
        var ended = await imagepipe.RunAsync("--feed", folder["page.json"]);

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(1_500, imagepipe.Photos("stored") + imagepipe.Photos("alreadyStored"));
        Assert.Equal(40, imagepipe.Summary.GetProperty("listings").GetProperty("complete").GetInt32());
        Assert.NotEmpty(kept);
        Assert.All(kept, photo => Assert.Equal(photo.Value, mls.GetsByPhoto[photo.Key]));

        using var undisturbed = new TempFolder();
        var other = new Imagepipe(undisturbed);
        await other.RunAsync("--feed", folder["page.json"]);
        foreach (var kind in new[] { "originals", "renditions" })
            Assert.Equal(Contents(other, kind), Contents(imagepipe, kind));
        // What was being written when it was killed is gone: beside the objects there are only the store's empty lock files.
        Assert.All(
            Directory.EnumerateFiles(Path.Combine(imagepipe.Store, ".tmp"), "*", SearchOption.AllDirectories),
            file => Assert.Equal(0, new FileInfo(file).Length));
    }

    [Fact]
    public async Task Asked_to_stop_it_stops_in_order_and_says_how_to_go_on()
    {
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions { Listings = 20, TotalPhotos = 400, Width = 64, Height = 48, LatencyMedianMs = 1_000 });
        using var folder = new TempFolder();
        var imagepipe = new Imagepipe(folder);
        await mls.WritePageAsync(folder["page.json"]);

        var run = imagepipe.StartRun("--feed", folder["page.json"]);
        while (mls.TotalGets == 0 && !run.EndsWithin(TimeSpan.FromMilliseconds(20)))
        {
        }
        run.Terminate();
        var stopped = await run.EndAsync();

        Assert.True(stopped.ExitCode == 1, stopped.Said);
        Assert.Contains("Interrupted", stopped.Error, StringComparison.Ordinal);
        Assert.Equal([], Directory.EnumerateDirectories(Path.Combine(imagepipe.Store, ".tmp", "writers")));
        Assert.Equal(0, (await imagepipe.RunAsync("--feed", folder["page.json"])).ExitCode);
        Assert.Equal(400, imagepipe.Objects("originals").Count);
    }

    // originals/page/S1000/S1000-3/version is the MLS's photo S1000/3.
    static string PhotoName(string key)
    {
        var parts = key.Split('/')[3].Split('-');
        return $"{parts[0]}/{parts[1]}";
    }

    static SortedDictionary<string, string> Contents(Imagepipe imagepipe, string kind) => new(imagepipe.Objects(kind).Keys.ToDictionary(
        key => key,
        key => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(imagepipe.Store, key))))));
}
