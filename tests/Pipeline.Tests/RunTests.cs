using System.Text.Json;
using ImagePipeline.Contracts;
using ImagePipeline.SampleMls;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests;

public sealed class RunTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly Imagepipe _imagepipe;

    public RunTests() => _imagepipe = new Imagepipe(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_listing_is_ready_and_the_summary_counts_what_the_MLS_counted()
    {
        await using var mls = await StartAsync(Small);

        var ended = await RunAsync(mls);

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(200, _imagepipe.Photos("stored"));
        Assert.Equal(200, mls.TotalGets);
        Assert.Equal(mls.TotalGets, Number("http", "gets"));
        Assert.Equal((20, 20, 0), (Number("listings", "ready"), Number("listings", "complete"), Number("listings", "incomplete")));
        Assert.Equal((20, 0), (Number("records", "read"), Number("records", "refused")));
        Assert.Equal(200, _imagepipe.Objects("originals").Count);
        // Four renditions and one record beside the commit mark.
        Assert.Equal(5 * 200, _imagepipe.Objects("renditions").Count);
    }

    [Fact]
    public async Task Run_again_nothing_is_downloaded_and_nothing_rewritten()
    {
        await using var mls = await StartAsync(Small);
        await RunAsync(mls);
        var before = All();
        mls.ResetCounts();

        var ended = await RunAsync(mls);

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(0, mls.TotalGets);
        Assert.Equal(0, _imagepipe.Photos("stored"));
        Assert.Equal(200, _imagepipe.Photos("alreadyStored"));
        Assert.Equal(before, All());
    }

    [Fact]
    public async Task Faults_that_pass_are_retried_and_those_that_stay_are_rejected()
    {
        await using var mls = await StartAsync(Small with
        {
            Percent503 = 5,
            PercentReset = 3,
            PercentTruncated = 3,
            Percent429 = 0.5,
            PercentHtml = 4,
            Percent404 = 4,
        });

        var ended = await RunAsync(mls);

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.NotEmpty(mls.PermanentFaults);
        Assert.Equal(mls.PermanentFaults.Count, _imagepipe.Photos("rejected"));
        Assert.Equal(0, _imagepipe.Photos("failed"));
        Assert.Equal(200 - mls.PermanentFaults.Count, _imagepipe.Photos("stored"));
        Assert.Equal(mls.TotalGets, Number("http", "gets"));
        Assert.Equal(_imagepipe.Photos("stored"), _imagepipe.Objects("originals").Count);
    }

    [Fact]
    public async Task Photos_that_failed_are_asked_for_again_by_the_next_run_and_the_others_are_not()
    {
        await using var mls = await StartAsync(Small with { Listings = 3, TotalPhotos = 12, Percent503 = 80, FaultsInARow = 6 });
        _imagepipe.Environment["Rungs__Delays__0"] = "00:00:00.05";
        _imagepipe.Environment["Rungs__Delays__1"] = "00:00:00.05";
        _imagepipe.Environment["Rungs__Delays__2"] = "00:00:00.05";

        var first = await RunAsync(mls);
        var kept = _imagepipe.Objects("originals").Count;
        Assert.True(first.ExitCode == 1, first.Said);
        Assert.InRange(_imagepipe.Photos("failed"), 1, 11);
        Assert.Contains("answered 503", first.Out, StringComparison.Ordinal);
        mls.ResetCounts();

        for (var run = 0; run < 5 && (await RunAsync(mls)).ExitCode != 0; run++)
        {
        }

        Assert.Equal(12, _imagepipe.Photos("requested"));
        Assert.Equal(0, _imagepipe.Photos("failed"));
        Assert.Equal(12 - kept, mls.GetsByPhoto.Count);
    }

    [Fact]
    public async Task A_changed_photo_is_downloaded_and_a_caption_is_announced_without_a_download()
    {
        await using var mls = await StartAsync(Small);
        await RunAsync(mls);
        var (changed, captioned) = (PhotoOf(mls, 0), PhotoOf(mls, 1));
        mls.ResetCounts();

        mls.ChangePhoto(changed.Listing, changed.Number);
        mls.ChangeCaption(captioned.Listing, captioned.Number, "The garden in May");
        var ended = await RunAsync(mls);

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal([$"{changed.Listing}/{changed.Number}"], mls.GetsByPhoto.Keys);
        Assert.Contains(Latest(captioned.Listing).Photos, p => p.Caption == "The garden in May");
        Assert.True(Latest(changed.Listing).Complete);
    }

    [Fact]
    public async Task A_withdrawn_listing_is_deleted()
    {
        await using var mls = await StartAsync(Small);
        await RunAsync(mls);
        var listing = PhotoOf(mls, 0).Listing;

        mls.Withdraw(listing);
        var ended = await RunAsync(mls);

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(1, Number("listings", "withdrawn"));
        Assert.DoesNotContain(All().Keys, key => key.Contains($"/{listing}/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pages_of_a_web_API_are_followed_to_the_last()
    {
        await using var mls = await StartAsync(Small with { PageSize = 3 });

        var ended = await _imagepipe.RunAsync("--feed", new Uri(mls.Address, "Property").ToString());

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(20, Number("records", "read"));
        Assert.Equal(200, _imagepipe.Photos("stored"));
    }

    [Fact]
    public async Task Submissions_in_a_file_bring_their_own_feed()
    {
        await using var mls = await StartAsync(Small with { Feed = "acme" });
        await mls.WriteNdjsonAsync(_folder["listings.ndjson"]);

        var ended = await _imagepipe.RunAsync("--feed", _folder["listings.ndjson"]);

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(200, _imagepipe.Photos("stored"));
        Assert.All(_imagepipe.Objects("originals").Keys, key => Assert.StartsWith("originals/acme/", key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_listing_is_shown_with_its_photos()
    {
        await using var mls = await StartAsync(Small);
        await RunAsync(mls);
        var listing = PhotoOf(mls, 0).Listing;

        var shown = await _imagepipe.CommandAsync("listing", "page", listing, "--state", _folder["s.db"]);
        var json = await _imagepipe.CommandAsync("listing", "page", listing, "--state", _folder["s.db"], "--json");

        Assert.True(shown.ExitCode == 0, shown.Said);
        Assert.Contains($"page {listing}", shown.Out, StringComparison.Ordinal);
        Assert.Contains("complete", shown.Out, StringComparison.Ordinal);
        Assert.Equal(JsonSerializer.Serialize(Latest(listing)), JsonSerializer.Serialize(Read(json.Out)));
    }

    [Fact]
    public async Task A_second_run_on_the_same_state_is_refused_while_the_first_goes_on()
    {
        await using var mls = await StartAsync(Small with { LatencyMedianMs = 60_000 });
        await mls.WritePageAsync(_folder["page.json"]);
        var first = _imagepipe.StartRun("--feed", _folder["page.json"]);
        await Eventually.IsSoAsync(() => File.Exists(_folder["s.db.lock"]));

        var second = await _imagepipe.RunAsync("--feed", _folder["page.json"]);
        await first.KillAsync();

        Assert.True(second.ExitCode == 2, second.Said);
        Assert.Contains("Another imagepipe run", second.Error, StringComparison.Ordinal);
    }

    static SampleMlsOptions Small { get; } = new() { Listings = 20, TotalPhotos = 200, Width = 160, Height = 120 };

    static Task<SampleMlsServer> StartAsync(SampleMlsOptions options) => SampleMlsServer.StartAsync(options);

    async Task<Ended> RunAsync(SampleMlsServer mls)
    {
        await mls.WritePageAsync(_folder["page.json"]);
        return await _imagepipe.RunAsync("--feed", _folder["page.json"]);
    }

    static (string Listing, int Number) PhotoOf(SampleMlsServer mls, int nth)
    {
        var parts = mls.Photos.DistinctBy(p => p.Split('/')[0]).ElementAt(nth).Split('/');
        return (parts[0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    int Number(string group, string name) => _imagepipe.Summary.GetProperty(group).GetProperty(name).GetInt32();

    PhotosReady Latest(string listing) => Read(File.ReadAllText(Path.Combine(_imagepipe.Store, "manifests", "page", listing, "latest.json")));

    static PhotosReady Read(string json) => JsonSerializer.Deserialize<PhotosReady>(json, JsonSerializerOptions.Web)!;

    Dictionary<string, DateTime> All() =>
        _imagepipe.Objects("originals").Concat(_imagepipe.Objects("renditions")).Concat(_imagepipe.Objects("manifests")).ToDictionary();
}
