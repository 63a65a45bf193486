using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using ImagePipeline.Contracts;
using ImagePipeline.SampleMls;
using ImagePipeline.Storage.Database;
using ImagePipeline.TestSupport;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.Pipeline.Tests;

public sealed class BackfillTests(PostgresServer postgres, ITestOutputHelper output) : IDisposable
{
    const int Photos = 320;
    const int FewPhotos = 60;

    /// <summary>Two renditions: a JPEG and a WebP.</summary>
    static readonly (string Variable, string Value)[] Small =
    [
        ("PhotoWorker__Profile__Name", "small"),
        ("PhotoWorker__Profile__Renditions__0__Name", "s1"),
        ("PhotoWorker__Profile__Renditions__0__Width", "96"),
        ("PhotoWorker__Profile__Renditions__1__Name", "s2"),
        ("PhotoWorker__Profile__Renditions__1__Width", "48"),
        ("PhotoWorker__Profile__Renditions__1__Format", "WebP"),
    ];

    static readonly SampleMlsOptions Mls = new() { Listings = 20, TotalPhotos = Photos, Width = 160, Height = 120 };

    static readonly SampleMlsOptions Few = new() { Listings = 6, TotalPhotos = FewPhotos, Width = 64, Height = 48 };

    static readonly string[] Kinds = ["originals", "renditions", "manifests"];

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.PostgreSql)]
    public async Task Every_photo_is_made_from_its_original_without_a_GET_and_each_listing_announced_once(DatabaseKind kind)
    {
        await using var mls = await SampleMlsServer.StartAsync(Mls);
        var imagepipe = new Imagepipe(_folder);
        if (kind == DatabaseKind.PostgreSql)
            imagepipe.Environment["Database__ConnectionString"] = await postgres.CreateDatabaseAsync();
        await RunAsync(imagepipe, mls);
        var (originals, renditions, manifests, gets) = (imagepipe.Objects("originals"), imagepipe.Objects("renditions"), Manifests(imagepipe), mls.TotalGets);
        Use(imagepipe, Small);

        var ended = await imagepipe.BackfillAsync();

        Assert.True(ended.ExitCode == 0, ended.Said);
        output.WriteLine(ended.Said);
        Assert.Equal(gets, mls.TotalGets);
        Assert.Equal(originals, imagepipe.Objects("originals"));
        var after = imagepipe.Objects("renditions");
        Assert.All(renditions, old => Assert.Equal(old.Value, after[old.Key]));
        // Two renditions and one record beside the commit mark.
        Assert.Equal(renditions.Count + 3 * Photos, after.Count);
        Assert.Equal((Photos, 0), (imagepipe.Photos("rendered"), imagepipe.Photos("alreadyThere")));
        var withPhotos = Latest(imagepipe).Count(l => l.Photos.Count > 0);
        Assert.Equal((20, withPhotos, withPhotos), (Listings(imagepipe, "lookedAt"), Listings(imagepipe, "backfilled"), Listings(imagepipe, "announced")));
        AssertComplete(imagepipe, "small");
        Assert.Equal(manifests + withPhotos, Manifests(imagepipe));
    }

    [Fact]
    public async Task Run_again_it_renders_nothing_and_announces_nothing()
    {
        var imagepipe = await BackfilledAsync();
        var before = All(imagepipe);

        var ended = await imagepipe.BackfillAsync("page", "--json");

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(0, JsonDocument.Parse(ended.Out).RootElement.GetProperty("puts").GetInt32());
        Assert.Equal((6, 0, 0), (Listings(imagepipe, "lookedAt"), Listings(imagepipe, "backfilled"), imagepipe.Photos("rendered")));
        Assert.Equal(before, All(imagepipe));
    }

    [Fact]
    public async Task Back_to_the_profile_before_everything_is_there_and_announced_anew()
    {
        var imagepipe = await BackfilledAsync();
        Use(imagepipe, []);

        var ended = await imagepipe.BackfillAsync();

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal((0, FewPhotos), (imagepipe.Photos("rendered"), imagepipe.Photos("alreadyThere")));
        AssertComplete(imagepipe, "web");
    }

    [Fact]
    public async Task A_photo_without_an_original_and_one_with_a_bad_one_are_named_and_shown_as_before_and_the_others_go_over()
    {
        await using var mls = await SampleMlsServer.StartAsync(Few);
        var imagepipe = new Imagepipe(_folder);
        await RunAsync(imagepipe, mls);
        var listing = Latest(imagepipe).First(l => l.Photos.Count > 2);
        var (gone, bad) = (listing.Photos[0], listing.Photos[1]);
        File.Delete(Path.Combine(imagepipe.Store, gone.Original.Key));
        await File.WriteAllTextAsync(Path.Combine(imagepipe.Store, bad.Original.Key), "<html>Not any more.</html>");
        Use(imagepipe, Small);

        var ended = await imagepipe.BackfillAsync();

        Assert.True(ended.ExitCode == 1, ended.Said);
        Assert.Contains($"page {listing.ListingKey} {gone.MediaKey}: its original is not in the store.", ended.Error, StringComparison.Ordinal);
        Assert.Contains($"page {listing.ListingKey} {bad.MediaKey}: NotAnImage: ", ended.Out, StringComparison.Ordinal);
        Assert.Equal((FewPhotos - 2, 1, 1, 0), (imagepipe.Photos("rendered"), imagepipe.Photos("noOriginal"), imagepipe.Photos("rejected"), imagepipe.Photos("failed")));
        Assert.Equal(2, imagepipe.Summary.GetProperty("leftAsTheyAre").GetArrayLength());
        var shown = Latest(imagepipe);
        Assert.All(shown, l => Assert.True(l.Complete));
        Assert.All(
            shown.SelectMany(l => l.Photos),
            photo => Assert.StartsWith(photo.PhotoId == gone.PhotoId || photo.PhotoId == bad.PhotoId ? "web-" : "small-", Profile(photo), StringComparison.Ordinal));
        Assert.All(shown.SelectMany(l => l.Photos).SelectMany(p => p.Renditions), r => Assert.True(File.Exists(Path.Combine(imagepipe.Store, r.Key)), r.Key));
        Assert.Equal(FewPhotos, mls.TotalGets);

        // Nothing of it is hidden by a second try.
        Assert.Equal(1, (await imagepipe.BackfillAsync()).ExitCode);
        Assert.Equal((0, 1, 1), (imagepipe.Photos("rendered"), imagepipe.Photos("noOriginal"), imagepipe.Photos("rejected")));
    }

    [Fact]
    public async Task What_the_MLS_has_changed_since_is_left_to_the_run_and_the_rest_goes_over()
    {
        await using var mls = await SampleMlsServer.StartAsync(Few with { Percent404 = 10 });
        var imagepipe = new Imagepipe(_folder);
        await RunAsync(imagepipe, mls);
        var incomplete = Latest(imagepipe).Count(l => !l.Complete);
        var withdrawn = Latest(imagepipe).First(l => l.Photos.Count > 0).ListingKey;
        var changed = Latest(imagepipe).Last(l => l.Photos.Count > 1);
        mls.Withdraw(withdrawn);
        mls.ChangePhoto(changed.ListingKey, int.Parse(changed.Photos[0].MediaKey.Split('-')[1], System.Globalization.CultureInfo.InvariantCulture));
        Use(imagepipe, Small);
        await RunAsync(imagepipe, mls);
        var gets = mls.TotalGets;

        var ended = await imagepipe.BackfillAsync();

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.True(incomplete > 0, "There was no listing with a photo missing.");
        Assert.Equal(gets, mls.TotalGets);
        Assert.Equal(0, Listings(imagepipe, "notFinal"));
        Assert.All(Latest(imagepipe).SelectMany(l => l.Photos), photo => Assert.StartsWith("small-", Profile(photo), StringComparison.Ordinal));
        Assert.DoesNotContain(imagepipe.Objects("renditions").Keys, key => key.Split('/')[2] == withdrawn);
    }

    [Fact]
    public async Task What_a_backfill_that_was_cut_off_left_of_a_listing_withdrawn_since_is_deleted_by_the_next()
    {
        await using var mls = await SampleMlsServer.StartAsync(Few);
        var imagepipe = new Imagepipe(_folder);
        await RunAsync(imagepipe, mls);
        await using (var database = PipelineDatabase.Open($"Data Source={_folder["s.db"]}"))
        await using (var connection = await database.Source.OpenConnectionAsync())
            await connection.ExecuteAsync(
                "INSERT INTO backfill (number, profile, started_at) VALUES (@now, 'small-1', @now)", new { now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() });
        var listing = Latest(imagepipe)[0];
        mls.Withdraw(listing.ListingKey);
        await RunAsync(imagepipe, mls);
        var left = Path.Combine(imagepipe.Store, "renditions", "page", listing.ListingKey, listing.Photos[0].MediaKey, listing.Photos[0].Version, "small-1", "s1.jpg");
        Directory.CreateDirectory(Path.GetDirectoryName(left)!);
        await File.WriteAllTextAsync(left, "It was killed before it could tell.");

        var ended = await imagepipe.BackfillAsync();

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.False(File.Exists(left));
    }

    [Fact]
    public async Task A_feed_without_listings_is_no_feed()
    {
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions { Listings = 1, TotalPhotos = 1, Width = 32, Height = 32 });
        var imagepipe = new Imagepipe(_folder);
        await RunAsync(imagepipe, mls);

        var ended = await imagepipe.BackfillAsync("nope");

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("Feed nope has no listings in ", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_state_it_does_not_start_and_makes_none()
    {
        var ended = await new Imagepipe(_folder).BackfillAsync();

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("There is no state in ", ended.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["s.db"]));
    }

    [Fact]
    public async Task Beside_a_run_on_the_same_file_it_does_not_start()
    {
        // The run goes on for as long as its photos are held back.
        var time = new FakeTimeProvider();
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions { Listings = 2, TotalPhotos = 20, Width = 32, Height = 32, LatencyMedianMs = 3_000 }, time);
        await mls.WritePageAsync(_folder["page.json"]);
        var imagepipe = new Imagepipe(_folder);
        var run = imagepipe.StartRun("--feed", _folder["page.json"]);
        while (mls.TotalGets == 0 && !run.EndsWithin(TimeSpan.FromMilliseconds(20)))
        {
        }

        var ended = await imagepipe.BackfillAsync();

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("Another imagepipe run or backfill is using the state", ended.Error, StringComparison.Ordinal);
        while (!run.EndsWithin(TimeSpan.FromMilliseconds(20)))
            time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, (await run.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Killed_at_random_moments_it_ends_with_exactly_the_right_objects_each_listing_announced_and_nothing_rendered_twice()
    {
        const int kills = 4;
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions { Listings = 30, TotalPhotos = 500, Width = 320, Height = 240 });
        var imagepipe = new Imagepipe(_folder);
        await RunAsync(imagepipe, mls);
        var (originals, old, manifests, gets) = (imagepipe.Objects("originals"), imagepipe.Objects("renditions"), Manifests(imagepipe), mls.TotalGets);
        Use(imagepipe, Small);

        var made = new Dictionary<string, DateTime>();
        for (var kill = 0; kill < kills; kill++)
        {
            // By what is written, so that on a slow machine and on a fast one the kill falls into the work: three objects of each photo.
            var until = imagepipe.Objects("renditions").Count + random.Next(4, 300);
            var backfill = imagepipe.StartBackfill();
            var hasEnded = false;
            while (imagepipe.Objects("renditions").Count < until && !hasEnded)
                hasEnded = backfill.EndsWithin(TimeSpan.FromMilliseconds(random.Next(1, 20)));
            if (hasEnded)
            {
                output.WriteLine($"ended before kill {kill + 1}");
                await backfill.EndAsync();
                break;
            }
            await backfill.KillAsync();
            foreach (var (key, written) in Marks(imagepipe))
                made.TryAdd(key, written);
            output.WriteLine($"kill {kill + 1}: {made.Count} photos made, {Latest(imagepipe).Count(l => l.Photos.Any(p => Profile(p).StartsWith("small-", StringComparison.Ordinal)))} listings announced");
        }
        var ended = await imagepipe.BackfillAsync();

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.NotEmpty(made);
        var after = imagepipe.Objects("renditions");
        Assert.All(made.Concat(old), before => Assert.Equal(before.Value, after[before.Key]));
        Assert.Equal(gets, mls.TotalGets);
        Assert.Equal(originals, imagepipe.Objects("originals"));
        AssertComplete(imagepipe, "small");
        Assert.All(
            Directory.EnumerateFiles(Path.Combine(imagepipe.Store, ".tmp"), "*", SearchOption.AllDirectories),
            file => Assert.Equal(0, new FileInfo(file).Length));
        // One more announcement of each, however often it was killed: one that was cut off is made again under its number.
        Assert.Equal(manifests + Latest(imagepipe).Count(l => l.Photos.Count > 0), Manifests(imagepipe));

        using var undisturbed = new TempFolder();
        var other = new Imagepipe(undisturbed);
        Use(other, Small);
        await other.RunAsync("--feed", _folder["page.json"]);
        Assert.Equal(Contents(other, _ => true), Contents(imagepipe, key => key.Contains("/small-", StringComparison.Ordinal)));

        static Dictionary<string, DateTime> Marks(Imagepipe imagepipe) => imagepipe.Objects("renditions")
            .Where(o => o.Key.EndsWith("/s2.webp", StringComparison.Ordinal)).ToDictionary(o => o.Key, o => o.Value);
    }

    async Task<Imagepipe> BackfilledAsync()
    {
        await using var mls = await SampleMlsServer.StartAsync(Few);
        var imagepipe = new Imagepipe(_folder);
        await RunAsync(imagepipe, mls);
        Use(imagepipe, Small);
        var ended = await imagepipe.BackfillAsync();
        Assert.True(ended.ExitCode == 0, ended.Said);
        return imagepipe;
    }

    async Task RunAsync(Imagepipe imagepipe, SampleMlsServer mls)
    {
        await mls.WritePageAsync(_folder["page.json"]);
        var ended = await imagepipe.RunAsync("--feed", _folder["page.json"]);
        Assert.True(ended.ExitCode == 0, ended.Said);
    }

    static void Use(Imagepipe imagepipe, (string Variable, string Value)[] profile)
    {
        foreach (var variable in imagepipe.Environment.Keys.Where(v => v.StartsWith("PhotoWorker__Profile", StringComparison.Ordinal)).ToList())
            imagepipe.Environment.Remove(variable);
        foreach (var (variable, value) in profile)
            imagepipe.Environment[variable] = value;
    }

    static void AssertComplete(Imagepipe imagepipe, string profile)
    {
        var latest = Latest(imagepipe);
        Assert.All(latest, listing => Assert.True(listing.Complete && listing.Final));
        Assert.All(latest.SelectMany(l => l.Photos), photo => Assert.StartsWith($"{profile}-", Profile(photo), StringComparison.Ordinal));
        Assert.All(
            latest.SelectMany(l => l.Photos).SelectMany(p => p.Renditions),
            rendition => Assert.Equal(rendition.Bytes, new FileInfo(Path.Combine(imagepipe.Store, rendition.Key)).Length));
    }

    static List<PhotosReady> Latest(Imagepipe imagepipe) =>
    [
        .. imagepipe.Objects("manifests").Keys.Where(key => key.EndsWith("/latest.json", StringComparison.Ordinal)).Order()
            .Select(key => JsonSerializer.Deserialize<PhotosReady>(File.ReadAllText(Path.Combine(imagepipe.Store, key)), JsonSerializerOptions.Web)!),
    ];

    static int Manifests(Imagepipe imagepipe) => imagepipe.Objects("manifests").Count;

    static int Listings(Imagepipe imagepipe, string number) => imagepipe.Summary.GetProperty("listings").GetProperty(number).GetInt32();

    static string Profile(ReadyPhoto photo) => photo.Renditions.Select(r => r.Key.Split('/')[5]).Distinct().Single();

    static Dictionary<string, DateTime> All(Imagepipe imagepipe) =>
        Kinds.SelectMany(imagepipe.Objects).ToDictionary(o => o.Key, o => o.Value);

    static SortedDictionary<string, string> Contents(Imagepipe imagepipe, Func<string, bool> which) => new(imagepipe.Objects("renditions").Keys.Where(which).ToDictionary(
        key => key, key => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(imagepipe.Store, key))))));
}
