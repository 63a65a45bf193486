using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Pictures;

namespace ImagePipeline.Pipeline.Tests;

public sealed class HostilePhotoTests
{
    const long BoundBytes = 500_000_000;

    [Fact]
    public async Task Bad_photos_of_all_kinds_among_good_ones_change_nothing_for_the_good_and_stay_within_memory()
    {
        using var alone = new TempFolder();
        using var mixed = new TempFolder();
        using var feed = new MixedFeed(good: 100, BadImages.All.Count, width: 320, height: 240);
        await File.WriteAllTextAsync(alone["feed.json"], feed.Page(withBad: false));
        await File.WriteAllTextAsync(mixed["feed.json"], feed.Page(withBad: true));
        var (without, with) = (new Imagepipe(alone), new Imagepipe(mixed));

        foreach (var (run, page) in ((Imagepipe, string)[])[(without, alone["feed.json"]), (with, mixed["feed.json"])])
        {
            var ended = await run.RunAsync("--feed", page);
            Assert.True(ended.ExitCode == 0, ended.Said);
        }

        Assert.Equal(100, without.Photos("stored"));
        Assert.Equal((feed.Rejected, 0), (with.Photos("rejected"), with.Photos("failed")));
        Assert.Empty(MixedFeed.Differences(without.Store, with.Store));
        Assert.InRange(with.Summary.GetProperty("peakRssBytes").GetInt64(), 1, BoundBytes);
    }
}
