using ImagePipeline.SampleMls;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Failures;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Pipeline.Tests.Failures;

/// <summary>What a run in one process leaves behind of what failed.</summary>
public sealed class RunFailuresTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly Imagepipe _imagepipe;

    public RunFailuresTests()
    {
        _imagepipe = new Imagepipe(_folder);
        _imagepipe.Environment["Rungs__Delays__0"] = "00:00:00.05";
        _imagepipe.Environment["Rungs__Delays__1"] = "00:00:00.05";
        _imagepipe.Environment["Rungs__Delays__2"] = "00:00:00.05";
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_server_that_always_breaks_is_one_group_with_the_right_count_and_after_a_run_that_succeeds_nothing_is_left()
    {
        // Four tries of each of twelve photos.
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions { Listings = 3, TotalPhotos = 12, Width = 64, Height = 48, Percent503 = 100, FaultsInARow = 4 });

        var first = await _imagepipe.RunAsync("--feed", $"{new Uri(mls.Address, "/Property")}");

        Assert.True(first.ExitCode == 1, first.Said);
        Assert.Equal(12, _imagepipe.Photos("failed"));
        await using (var database = PipelineDatabase.Open($"Data Source={_folder["s.db"]}"))
        {
            var table = new FailedMessageTable(database, TimeProvider.System);
            var group = Assert.Single(await table.GroupsAsync(new(), default));
            Assert.Equal((12, "PhotoRequested", FailureKind.Error), (group.Messages, group.MessageType, group.Kind));
            Assert.Contains("answered 503", group.Pattern, StringComparison.Ordinal);
            Assert.Matches("^photo-requested-", group.Queue);
            Assert.NotNull(group.Frame);
            var all = await table.FindAsync(new(), 100, default);
            Assert.All(all, m => Assert.True(m is { InProcess: true, Feed: not null, ListingKey: not null, PhotoId: not null, MessageId: not null }));
            Assert.Equal(12, all.Select(m => m.PhotoId).Distinct().Count());
            Assert.NotEmpty((await table.ReadAsync(group.ExampleId, default))!.Body);
        }

        var second = await _imagepipe.RunAsync("--feed", $"{new Uri(mls.Address, "/Property")}");

        Assert.True(second.ExitCode == 0, second.Said);
        await using (var database = PipelineDatabase.Open($"Data Source={_folder["s.db"]}"))
        {
            var table = new FailedMessageTable(database, TimeProvider.System);
            Assert.Equal(0, (await table.UnresolvedAsync(1, default)).Messages);
            Assert.Equal(12, (await table.FindAsync(new(), 100, default, FailureState.Replayed)).Count);
        }
    }
}
