using System.Text.Json;
using ImagePipeline.Contracts;
using ImagePipeline.SampleMls;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Services;

public sealed class BackfillOfServicesTests(PostgresServer postgres, RabbitMqServer rabbitMq, ITestOutputHelper output)
{
    static readonly (string Variable, string Value)[] Small =
    [
        ("PhotoWorker__Profile__Name", "small"),
        ("PhotoWorker__Profile__Renditions__0__Name", "s1"),
        ("PhotoWorker__Profile__Renditions__0__Width", "96"),
        ("PhotoWorker__Profile__Renditions__1__Name", "s2"),
        ("PhotoWorker__Profile__Renditions__1__Width", "48"),
    ];

    [Fact]
    public async Task Killed_and_started_again_beside_running_services_each_listing_is_announced_once_more_without_a_GET_and_nothing_is_an_error()
    {
        const int listings = 20, photos = 320;
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions { Listings = listings, TotalPhotos = photos, Width = 320, Height = 240 });
        using var folder = new TempFolder();
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var website = await Website.OpenAsync(broker);
        var deployment = new Deployment(folder, broker, await postgres.CreateDatabaseAsync());
        await deployment.UseFeedAsync(new Uri(mls.Address, "/Property"));
        deployment.Environment["ListingNotifier__ClaimTime"] = "00:00:05";
        await using var ingest = deployment.Start("FeedIngest");
        await using var worker = deployment.Start("PhotoWorker");
        await using var notifier = deployment.Start("ListingNotifier");
        await website.UntilCompleteAsync(listings, TimeSpan.FromMinutes(2));
        await broker.IsQuietAsync();
        var (before, gets) = (website.Latest, mls.TotalGets);

        var killed = Backfill(deployment, folder);
        await Eventually.IsSoAsync(() => Made(folder) > 0 || killed.HasEnded);
        await Task.Delay(TimeSpan.FromMilliseconds(new Random(seed).Next(0, 1_000)), TimeProvider.System);
        output.WriteLine($"killed when {Made(folder)} photos were made");
        await killed.KillAsync();
        await killed.DisposeAsync();
        await using var backfill = Backfill(deployment, folder);
        var ended = await backfill.EndAsync();
        output.WriteLine(ended.Said);
        await broker.IsQuietAsync();

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(gets, mls.TotalGets);
        Assert.Equal(photos, Made(folder));
        Assert.All(Manifests(folder), ready => Assert.True(ready.Complete));
        Assert.All(Manifests(folder).SelectMany(r => r.Photos).SelectMany(p => p.Renditions), r => Assert.Contains("/small-", r.Key, StringComparison.Ordinal));
        Assert.All(Manifests(folder), ready => Assert.Equal(ready.Announcement, website.Latest[$"sample/{ready.ListingKey}"].Announcement));
        var more = website.Announcements.Where(a => a.Announcement > before[a.Listing].Announcement).ToList();
        Assert.Equal(Manifests(folder).Count(r => r.Photos.Count > 0), more.Count);
        Assert.Equal(more.Count, more.Select(a => a.Listing).Distinct().Count());
    }

    [Fact]
    public async Task Without_a_ListingNotifier_it_ends_and_says_so_and_what_it_told_is_announced_when_there_is_one()
    {
        const int listings = 3, photos = 30;
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions { Listings = listings, TotalPhotos = photos, Width = 160, Height = 120 });
        using var folder = new TempFolder();
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var website = await Website.OpenAsync(broker);
        var deployment = new Deployment(folder, broker, await postgres.CreateDatabaseAsync());
        await deployment.UseFeedAsync(new Uri(mls.Address, "/Property"));
        await using (deployment.Start("FeedIngest"))
        await using (deployment.Start("PhotoWorker"))
        await using (deployment.Start("ListingNotifier"))
        {
            await website.UntilCompleteAsync(listings, TimeSpan.FromMinutes(2));
            await broker.IsQuietAsync();
        }

        await using var alone = Backfill(deployment, folder, ("Run__GiveUpAfter", "00:00:10"));
        var ended = await alone.EndAsync();

        Assert.True(ended.ExitCode == 1, ended.Said);
        Assert.Contains($"{listings} listings are not backfilled and announced", ended.Error, StringComparison.Ordinal);
        Assert.Equal(photos, Made(folder));
        Assert.All(Manifests(folder).SelectMany(r => r.Photos).SelectMany(p => p.Renditions), r => Assert.Contains("/web-", r.Key, StringComparison.Ordinal));

        await using var notifier = deployment.Start("ListingNotifier");
        await using var again = Backfill(deployment, folder);
        Assert.Equal(0, (await again.EndAsync()).ExitCode);
        Assert.All(Manifests(folder).SelectMany(r => r.Photos).SelectMany(p => p.Renditions), r => Assert.Contains("/small-", r.Key, StringComparison.Ordinal));
        await Eventually.IsAsync(2 * listings, () => Task.FromResult(website.Announcements.Select(a => (a.Listing, a.Announcement)).Distinct().Count()));

        // Told where the services cannot hear it, nothing would ever reach the website.
        deployment.Environment.Remove("Bus__Transport");
        await using var elsewhere = Backfill(deployment, folder);
        var refused = await elsewhere.EndAsync();
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("is the state of services on RabbitMQ: set Bus__Transport=RabbitMq", refused.Error, StringComparison.Ordinal);
    }

    static ServiceProcess Backfill(Deployment deployment, TempFolder folder, params (string Variable, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>(deployment.Environment);
        foreach (var (variable, value) in Small.Concat(settings))
            environment[variable] = value;
        return ServiceProcess.Start("imagepipe", folder.Path, environment, "backfill");
    }

    static int Made(TempFolder folder) => Directory.EnumerateFiles(folder["store/renditions"], "s2.jpg", SearchOption.AllDirectories).Count();

    static List<PhotosReady> Manifests(TempFolder folder) =>
    [
        .. Directory.EnumerateFiles(folder["store/manifests"], "latest.json", SearchOption.AllDirectories)
            .Select(file => JsonSerializer.Deserialize<PhotosReady>(File.ReadAllText(file), JsonSerializerOptions.Web)!),
    ];
}
