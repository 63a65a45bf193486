using ImagePipeline.Contracts;
using ImagePipeline.ListingNotifier;
using ImagePipeline.Pipeline.Tests.Bus;
using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Failures;

public sealed class LateReplayTests(RabbitMqServer server, PostgresServer postgres)
{
    const string Feed = "acme";

    [Fact]
    public async Task What_is_replayed_when_its_listing_has_moved_on_two_generations_makes_nothing_older()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var website = await Website.OpenAsync(broker);
        await using var scene = await ReplayScene.CreateAsync(broker, postgres, DatabaseKind.PostgreSql);
        using var folder = new TempFolder();
        var deployment = new Deployment(folder, broker, scene.Database.ConnectionString);
        await deployment.UseFeedAsync(null);
        await using var notifier = deployment.Start("ListingNotifier");
        await notifier.UntilReadyAsync();
        await using var host = await BusHost.StartAsync(broker, scene.Database);
        for (var generation = 1; generation <= 3; generation++)
        {
            await host.Bus.Publish(Changed("L1", generation, $"v{generation}"));
            await host.Bus.Publish(Stored("L1", generation, $"v{generation}"));
            await Eventually.IsAsync(generation, () => Task.FromResult(website.Announcements.Count(a => a is { Listing: $"{Feed}/L1", Complete: true })));
        }
        var before = await ListingAsync("L1");
        RawFailure[] late =
        [
            new() { Queue = "listing-notifier", MessageType = nameof(ListingPhotosChanged), Message = Changed("L1", 1, "v1") },
            new() { Queue = "listing-notifier", MessageType = nameof(PhotoStored), Message = Stored("L1", 1, "v1") },
        ];
        await RawFailure.PutAsync(broker, late);

        var ended = await scene.ReplayAsync("--queue", "listing-notifier", "--yes");
        // Comes after them, and is heard.
        await host.Bus.Publish(Changed("L2", 1));
        await Eventually.IsSoAsync(() => website.Latest.ContainsKey($"{Feed}/L2"));
        await Eventually.IsAsync(0L, async () => (await broker.QueuesAsync()).Where(q => q.Name == "listing-notifier").Sum(q => q.Ready + q.Unacked));

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal((2, 0), ((await scene.FindAsync(1)).Sent, await broker.CountAsync("listing-notifier_error")));
        var after = await ListingAsync("L1");
        Assert.Equal((3, before.Announcement, "v3", true), (after.Generation, after.Announcement, after.Photos.Single().Version, after.Complete));
        Assert.Equal(before.Announcement, website.Latest[$"{Feed}/L1"].Announcement);
        Assert.Equal(3, website.Announcements.Count(a => a.Listing == $"{Feed}/L1"));

        async Task<PhotosReady> ListingAsync(string key) =>
            (await new ListingReport(scene.Database.Database, TimeProvider.System, new PhotoStoreOptions { Url = deployment.Environment["Store__Url"] }).ListingAsync(Feed, key, CancellationToken.None))!;
    }

    static ListingPhotosChanged Changed(string key, long generation, params string[] versions) => new()
    {
        Feed = Feed,
        ListingKey = key,
        ListingUid = Identity.ListingUid(Feed, key),
        ListingId = null,
        Generation = generation,
        Ask = 0,
        ChangedAt = DateTimeOffset.UnixEpoch.AddDays(generation),
        Urgent = false,
        Photos = [.. versions.Select(version => new ListedPhoto
        {
            PhotoId = Identity.PhotoId(Identity.ListingUid(Feed, key), "A"),
            MediaKey = "A",
            Version = version,
            Order = 0,
            Primary = true,
            Caption = null,
            Kind = "Photo",
            Alteration = [],
            Permissions = [],
        })],
    };

    static PhotoStored Stored(string key, long generation, string version) => new()
    {
        Feed = Feed,
        ListingKey = key,
        ListingUid = Identity.ListingUid(Feed, key),
        PhotoId = Identity.PhotoId(Identity.ListingUid(Feed, key), "A"),
        MediaKey = "A",
        Version = version,
        Generation = generation,
        Profile = "web-1",
        Original = new StoredImage { Key = $"originals/{Feed}/{key}/A/{version}", Width = 8, Height = 6, Bytes = 5, ContentType = "image/jpeg" },
        Renditions = [new StoredRendition { Name = "w320", Key = $"renditions/{Feed}/{key}/A/{version}/web-1/w320.jpg", Width = 8, Height = 6, Bytes = 4, ContentType = "image/jpeg" }],
        Sha256 = "00",
        Copyright = null,
        AlreadyStored = false,
    };
}
