using System.Text.Json;
using Dapper;
using ImagePipeline.Contracts;
using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;
using MassTransit;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.ListingNotifier.Tests;

public sealed class TwoNotifiersOnSqliteTests(PostgresServer postgres, ITestOutputHelper output) : TwoNotifiersTests(DatabaseKind.Sqlite, postgres, output);

public sealed class TwoNotifiersOnPostgreSqlTests(PostgresServer postgres, ITestOutputHelper output) : TwoNotifiersTests(DatabaseKind.PostgreSql, postgres, output);

/// <summary>Two ListingNotifiers with one database and one store, each on a bus of its own, as if the broker had given each a part of the events.</summary>
public abstract class TwoNotifiersTests(DatabaseKind kind, PostgresServer postgres, ITestOutputHelper output) : IAsyncLifetime
{
    const int Listings = 60;
    const int PhotosPerListing = 10;

    static readonly (string, string)[] Sweeping = [("ListingNotifier:SweepInterval", "00:00:00.2")];

    readonly TempFolder _folder = new();
    TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(kind, postgres);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Events_split_between_both_end_with_each_listing_announced_in_order_without_repeats_and_its_latest_manifest_the_newest()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        await using var one = await StartAsync(TimeProvider.System);
        await using var other = await StartAsync(TimeProvider.System);
        var both = new Heard();
        using var first = one.Bus.ConnectPublishObserver(new Order(both));
        using var second = other.Bus.ConnectPublishObserver(new Order(both));

        await Parallel.ForEachAsync(
            Shuffled(new Random(seed)).Select((message, i) => (Message: message, Bus: i % 2 == 0 ? one.Bus : other.Bus)),
            new ParallelOptions { MaxDegreeOfParallelism = 32 },
            async (each, cancellation) => await each.Bus.Publish(each.Message, each.Message.GetType(), cancellation));
        await both.UntilAsync<PhotosReady>(all => all.Where(r => r.Complete && r.Generation == 2).Select(r => r.ListingKey).Distinct().Count() == Listings);

        Assert.Empty(one.Heard.All<Fault>());
        Assert.Empty(other.Heard.All<Fault>());
        foreach (var listing in both.All<PhotosReady>().GroupBy(r => r.ListingKey))
        {
            var numbers = listing.Select(r => r.Announcement).ToList();
            Assert.Equal(numbers.Distinct().Order(), numbers);
            Assert.Equal(PhotosPerListing, listing.Last().Photos.Count);
            Assert.Equal(numbers[^1], (await LatestAsync(one, listing.Key))!.Announcement);
        }
        output.WriteLine($"{one.Heard.All<NotifierHost.Published>().Count} and {other.Heard.All<NotifierHost.Published>().Count}");
    }

    [Fact]
    public async Task One_that_hung_while_the_other_announced_leaves_the_newest_manifest_as_the_latest()
    {
        var clock = new FakeTimeProvider(Some.Now);
        HangingStore hanging = null!;
        await using var slow = await NotifierHost.StartAsync(_database, _folder, clock, files => hanging = new HangingStore(files));
        await slow.Bus.Publish(Some.Set());
        await hanging.Hanging.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System);
        await using var other = await NotifierHost.StartAsync(_database, _folder, clock);
        clock.Advance(TimeSpan.FromMinutes(2));

        await other.Bus.Publish(Some.Set(generation: 2, photos: [("a", "v1")]));
        await other.Bus.Publish(Some.Stored("a", generation: 2));
        // Announcements may overtake each other on their way to who hears them.
        var newest = (await other.Heard.UntilAsync<PhotosReady>(all => all.Any(r => r.Complete && r.Generation == 2))).First(r => r.Complete && r.Generation == 2);
        Assert.Equal(newest.Announcement, (await LatestAsync(other, "L1"))!.Announcement);
        hanging.Release();
        // The slow one notices what it has overwritten, and one of both announces the newest once more.
        await Eventually.IsSoAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            return Published(slow).Concat(Published(other)).Count(n => n == newest.Announcement) >= 2;
        });

        Assert.Equal(newest.Announcement, (await LatestAsync(other, "L1"))!.Announcement);
        Assert.DoesNotContain(Published(slow), n => n < newest.Announcement);
    }

    [Fact]
    public async Task One_that_hung_while_the_other_removed_the_listing_deletes_nothing_of_what_has_come_back()
    {
        var clock = new FakeTimeProvider(Some.Now);
        HangingStore hanging = null!;
        var stored = Some.Stored("a");
        var mark = stored.Renditions[^1].Key;
        await using (var before = await NotifierHost.StartAsync(_database, _folder, clock))
        {
            await before.Bus.Publish(Some.Set(photos: [("a", "v1")]));
            await before.Bus.Publish(stored);
            await before.Heard.UntilAsync<PhotosReady>(all => all.Any(r => r.Complete));
        }
        await using var slow = await NotifierHost.StartAsync(_database, _folder, clock, files => hanging = new HangingStore(files));
        await slow.Bus.Publish(Some.Withdrawn());
        await hanging.Hanging.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System);
        await using var other = await NotifierHost.StartAsync(_database, _folder, clock);
        await Eventually.IsSoAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(30));
            return other.Heard.All<PhotosRemoved>().Count > 0;
        });
        // Recorded after it was told; until then the listing is due, and the slow one would begin anew.
        await Eventually.IsSoAsync(async () =>
        {
            await using var connection = await _database.Database.Source.OpenConnectionAsync();
            return await connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM listing_saga WHERE removing = 1") == 0;
        });

        var store = other.The<IPhotoStore>();
        string[] back = [stored.Original.Key, $"renditions/{Some.Feed}/L1/b/v1/web-1/w320.jpg"];
        foreach (var key in back)
            await store.WriteOnceAsync(key, "bytes"u8.ToArray(), new ObjectFacts { ContentType = "image/jpeg" }, default);
        hanging.Release();
        await slow.Bus.Publish(Some.Set("L2"));
        await slow.Heard.UntilAsync<PhotosReady>(all => all.Any(r => r.ListingKey == "L2"));

        Assert.All(back, key => Assert.True(File.Exists(Path.Combine(_folder["store"], key)), key));
        Assert.False(File.Exists(Path.Combine(_folder["store"], mark)));
        Assert.Empty(slow.Heard.All<PhotosRemoved>());
    }

    Task<NotifierHost> StartAsync(TimeProvider time) => NotifierHost.StartAsync(_database, _folder, time, [.. Sweeping, ("ListingNotifier:ConcurrentMessages", "16")]);

    static IEnumerable<long> Published(NotifierHost notifier) => notifier.Heard.All<NotifierHost.Published>().Select(p => p.Ready.Announcement);

    static async Task<PhotosReady?> LatestAsync(NotifierHost notifier, string key) =>
        await notifier.The<IPhotoStore>().ReadAsync(StoreKeys.LatestManifest(Some.Feed, key), default) is { } manifest
            ? JsonSerializer.Deserialize<PhotosReady>(manifest, JsonSerializerOptions.Web)
            : null;

    // A set, a larger one, and what came of the requests for each, each twice.
    static List<object> Shuffled(Random random)
    {
        var events = Enumerable.Range(0, Listings).Select(n => $"L{n}").SelectMany(key => Photos()
            .Select((photo, n) => (object)Some.Stored(photo, key: key, generation: n < PhotosPerListing / 2 ? 1 : 2))
            .Append(Some.Set(key, photos: [.. Photos().Take(PhotosPerListing / 2).Select(photo => (photo, "v1"))]))
            .Append(Some.Set(key, generation: 2, photos: [.. Photos().Select(photo => (photo, "v1"))])));
        object[] twice = [.. events.SelectMany(e => Enumerable.Repeat(e, 2))];
        random.Shuffle(twice);
        return [.. twice];
    }

    static IEnumerable<string> Photos() => Enumerable.Range(0, PhotosPerListing).Select(n => $"p{n}");

    /// <summary>The order in which both publish: the next announcement of a listing is not begun before this one is over.</summary>
    sealed class Order(Heard heard) : IPublishObserver
    {
        public Task PrePublish<T>(PublishContext<T> context)
            where T : class => context.Message is PhotosReady ready ? heard.Add(ready) : Task.CompletedTask;

        public Task PostPublish<T>(PublishContext<T> context)
            where T : class => Task.CompletedTask;

        public Task PublishFault<T>(PublishContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }
}
