using System.Text.Json;
using Dapper;
using ImagePipeline.Contracts;
using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;
using MassTransit;

namespace ImagePipeline.ListingNotifier.Tests;

public sealed class SignallerTests(PostgresServer postgres) : IAsyncLifetime
{
    readonly TempFolder _folder = new();
    TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_manifest_says_the_same_as_the_announcement()
    {
        await using var notifier = await StartAsync();
        await notifier.Bus.Publish(Some.Set(photos: [("a", "v1")]));
        await notifier.Bus.Publish(Some.Stored("a"));
        await notifier.Heard.UntilAsync<PhotosReady>(all => all.Count > 0);

        var ready = notifier.Heard.All<PhotosReady>()[^1];
        var store = notifier.The<IPhotoStore>();
        var manifest = JsonSerializer.Deserialize<PhotosReady>((await store.ReadAsync(ready.ManifestKey, default))!, JsonSerializerOptions.Web)!;
        Assert.Equal(JsonSerializer.Serialize(ready), JsonSerializer.Serialize(manifest));
        Assert.Equal(await store.ReadAsync(ready.ManifestKey, default), await store.ReadAsync(StoreKeys.LatestManifest(Some.Feed, "L1"), default));
    }

    [Fact]
    public async Task An_announcement_whose_sender_was_killed_before_it_could_record_it_is_sent_again_under_the_same_number_and_id()
    {
        PhotosReady first;
        await using (var killed = await StartAsync())
        {
            await killed.Bus.Publish(Some.Set());
            await killed.Heard.UntilAsync<PhotosReady>(all => all.Count > 0);
            first = killed.Heard.All<PhotosReady>()[0];
        }
        await ExecuteAsync("UPDATE listing_saga SET announced = 0, announced_asked = 0, claimed_by = 'the dead', claimed_until = 0");

        await using var notifier = await StartAsync();
        await notifier.Heard.UntilAsync<PhotosReady>(all => all.Count > 0);

        Assert.Equal(first.Announcement, notifier.Heard.All<PhotosReady>()[0].Announcement);
        Assert.Equal(Identity.AnnouncementId(Some.Listing(), first.Announcement), notifier.Heard.All<NotifierHost.AnnouncedAs>()[0].MessageId);
    }

    [Fact]
    public async Task What_was_committed_before_a_crash_is_announced_after_it()
    {
        await using (var before = await StartAsync())
        {
            await before.Bus.Publish(Some.Set(photos: [("a", "v1")]));
            await before.Bus.Publish(Some.Stored("a"));
            await before.Heard.UntilAsync<PhotosReady>(all => all.Any(r => r.Complete));
        }
        // As a crash between the commit and everything after it leaves the row.
        await ExecuteAsync("UPDATE listing_saga SET announcement = announcement + 1");

        await using var after = await StartAsync();
        await after.Heard.UntilAsync<PhotosReady>(all => all.Any(r => r.Complete));
    }

    [Fact]
    public async Task A_listing_claimed_by_another_process_is_left_to_it()
    {
        await using (var before = await StartAsync())
        {
            await before.Bus.Publish(Some.Set("L1"));
            await before.Heard.UntilAsync<PhotosReady>(all => all.Count > 0);
        }
        var soon = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        await ExecuteAsync($"UPDATE listing_saga SET announced = 0, claimed_by = 'another', claimed_until = {soon}");

        await using var notifier = await StartAsync();
        await notifier.Bus.Publish(Some.Set("L2"));
        await notifier.Heard.UntilAsync<PhotosReady>(all => all.Any(r => r.ListingKey == "L2"));

        Assert.DoesNotContain(notifier.Heard.All<PhotosReady>(), r => r.ListingKey == "L1");
    }

    [Fact]
    public async Task A_listing_that_is_not_settled_is_announced_when_its_deadline_is_over()
    {
        await using var notifier = await StartAsync(("ListingNotifier:Deadline", "00:00:01"));

        await notifier.Bus.Publish(Some.Set(photos: [("a", "v1"), ("b", "v1")]));
        await notifier.Bus.Publish(Some.Stored("a"));
        await notifier.Heard.UntilAsync<PhotosReady>(all => all.Count > 0);

        var ready = notifier.Heard.All<PhotosReady>()[0];
        Assert.False(ready.Final);
        Assert.True(Assert.Single(ready.Missing).WillBeRetried);
    }

    [Fact]
    public async Task A_photo_whose_tries_all_failed_makes_its_listing_final_and_incomplete()
    {
        await using var notifier = await StartAsync();
        await notifier.Bus.Publish(Some.Set(photos: [("a", "v1")]));

        var worker = await notifier.Bus.GetSendEndpoint(new Uri($"queue:{NotifierHost.FailingWorker.Queue}"));
        await worker.Send(Some.Requested("a"));
        await notifier.Heard.UntilAsync<PhotosReady>(all => all.Count > 0);

        var ready = notifier.Heard.All<PhotosReady>()[0];
        Assert.True(ready.Final);
        Assert.False(ready.Complete);
        Assert.Equal((MissingReason.Failed, NotifierHost.FailingWorker.Message), (ready.Missing[0].Reason, ready.Missing[0].Detail));
    }

    [Fact]
    public async Task Asked_again_a_settled_listing_is_announced_again()
    {
        await using var notifier = await StartAsync();
        await notifier.Bus.Publish(Some.Set());
        await notifier.Heard.UntilAsync<PhotosReady>(all => all.Count == 1);

        await notifier.Bus.Publish(Some.Set(ask: 1));
        await notifier.Heard.UntilAsync<PhotosReady>(all => all.Count == 2);

        Assert.Single(notifier.Heard.All<PhotosReady>().Select(r => r.Announcement).Distinct());
    }

    [Fact]
    public async Task A_withdrawn_listings_objects_are_all_gone_and_all_named_when_it_is_told()
    {
        await using var notifier = await StartAsync();
        var stored = Some.Stored("a");
        var store = notifier.The<IPhotoStore>();
        foreach (var key in stored.Renditions.Select(r => r.Key).Append(stored.Original.Key))
            await store.WriteOnceAsync(key, "bytes"u8.ToArray(), new ObjectFacts { ContentType = "image/jpeg" }, default);
        await notifier.Bus.Publish(Some.Set(photos: [("a", "v1")]));
        await notifier.Bus.Publish(stored);
        await notifier.Heard.UntilAsync<PhotosReady>(all => all.Any(r => r.Complete));

        // As a process that was killed in the middle of the deletion leaves it.
        await store.DeleteAsync(stored.Original.Key, default);
        await notifier.Bus.Publish(Some.Withdrawn());
        await notifier.Heard.UntilAsync<PhotosRemoved>(all => all.Count > 0);

        Assert.Contains(stored.Original.Key, notifier.Heard.All<PhotosRemoved>()[0].Keys);
        Assert.Empty(await store.ListAsync("", default).ToListAsync());
    }

    Task<NotifierHost> StartAsync(params (string, string)[] settings) =>
        NotifierHost.StartAsync(_database, _folder, settings: [("ListingNotifier:SweepInterval", "00:00:00.2"), .. settings]);

    async Task ExecuteAsync(string sql)
    {
        await using var connection = await _database.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }
}
