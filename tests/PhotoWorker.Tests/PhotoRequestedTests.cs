using System.Security.Cryptography;
using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Tests.Fetching;
using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;
using MassTransit;

namespace ImagePipeline.PhotoWorker.Tests;

public sealed class PhotoRequestedTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task All_that_a_stored_photo_names_is_readable_when_it_is_told()
    {
        var photo = Some.Jpeg(400, 300);
        await using var server = new PhotoServer(Answering.With(200, photo));
        await using var worker = await WorkerHost.StartAsync(_folder);

        var stored = await worker.StoredAsync(Some.Request(server.Url()));

        Assert.Equal(photo, await worker.Store.ReadAsync(stored.Original.Key, default));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(photo)), stored.Sha256);
        Assert.Equal((400, 300, photo.Length, "image/jpeg"), (stored.Original.Width, stored.Original.Height, stored.Original.Bytes, stored.Original.ContentType));
        Assert.Equal(["w1600", "w1024", "w640", "w320"], stored.Renditions.Select(r => r.Name));
        Assert.Equal([400, 400, 400, 320], stored.Renditions.Select(r => r.Width));
        foreach (var rendition in stored.Renditions)
            Assert.Equal(rendition.Bytes, (await worker.Store.ReadAsync(rendition.Key, default))!.LongLength);
        Assert.False(stored.AlreadyStored);
    }

    [Fact]
    public async Task A_photo_that_is_stored_is_told_again_without_a_download()
    {
        await using var server = new PhotoServer(Answering.With(200, Some.Jpeg()));
        await using var worker = await WorkerHost.StartAsync(_folder);
        var first = await worker.StoredAsync(Some.Request(server.Url()));

        var second = await worker.StoredAsync(Some.Request(server.Url()) with { Generation = 2 });

        Assert.True(second.AlreadyStored);
        Assert.Equal(2, second.Generation);
        Assert.Equivalent(first with { AlreadyStored = true, Generation = 2 }, second, strict: true);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task In_a_changed_profile_it_is_made_from_the_original_without_a_download_beside_the_one_before()
    {
        await using var server = new PhotoServer(Answering.With(200, Some.Jpeg()));
        PhotoStored first;
        await using (var before = await WorkerHost.StartAsync(_folder))
            first = await before.StoredAsync(Some.Request(server.Url()));
        await using var worker = await WorkerHost.StartAsync(_folder, ("PhotoWorker:Profile:Name", "other"));

        var second = await worker.StoredAsync(Some.Request(server.Url()));

        Assert.Equal(first.Original, second.Original);
        Assert.StartsWith("other-", second.Profile, StringComparison.Ordinal);
        foreach (var rendition in first.Renditions.Concat(second.Renditions))
            Assert.NotNull(await worker.Store.FindAsync(rendition.Key, default));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Refused_by_limits_that_came_with_a_changed_profile_it_stays_as_it_was_stored_before()
    {
        await using var server = new PhotoServer(Answering.With(200, Some.Jpeg(400, 300)));
        PhotoStored first;
        await using (var before = await WorkerHost.StartAsync(_folder))
            first = await before.StoredAsync(Some.Request(server.Url()));
        await using var worker = await WorkerHost.StartAsync(_folder, ("PhotoWorker:Profile:Name", "other"), ("PhotoWorker:Rendering:MaxPixels", "1000"));

        await worker.AskAsync(Some.Request(server.Url()));
        Assert.Equal(PhotoRejection.TooManyPixels, (await worker.Heard.FirstAsync<PhotoRejected>()).Reason);

        // Said before the original would be deleted: the next outcome comes after that.
        await worker.AskAsync(Some.Request(server.Url()));
        await worker.Heard.UntilAsync<PhotoRejected>(all => all.Count == 2);
        Assert.NotNull(await worker.Store.ReadAsync(first.Original.Key, default));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_kept_original_without_a_mark_is_rendered_without_a_download()
    {
        await using var server = new PhotoServer(Answering.With(200, Some.Jpeg()));
        await using var worker = await WorkerHost.StartAsync(_folder);
        var first = await worker.StoredAsync(Some.Request(server.Url()));
        await worker.Store.DeleteAsync(first.Renditions[^1].Key, default);

        var second = await worker.StoredAsync(Some.Request(server.Url()));

        Assert.Equivalent(first, second, strict: true);
        Assert.NotNull(await worker.Store.FindAsync(first.Renditions[^1].Key, default));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Another_version_of_a_photo_is_another_download()
    {
        await using var server = new PhotoServer(Answering.With(200, Some.Jpeg()));
        await using var worker = await WorkerHost.StartAsync(_folder);
        await worker.StoredAsync(Some.Request(server.Url()));

        var second = await worker.StoredAsync(Some.Request(server.Url(), version: "v2"));

        Assert.False(second.AlreadyStored);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task An_urgent_request_is_answered_like_any_other()
    {
        await using var server = new PhotoServer(Answering.With(200, Some.Jpeg()));
        await using var worker = await WorkerHost.StartAsync(_folder);

        var stored = await worker.StoredAsync(Some.Request(server.Url(), urgent: true));

        Assert.Equal(Some.Feed, stored.Feed);
    }

    [Fact]
    public async Task Renditions_are_made_of_the_original_that_another_process_kept_first()
    {
        var theirs = Some.Jpeg(seed: 2);
        await using var server = new PhotoServer(Answering.With(200, Some.Jpeg(seed: 1)));
        await using var worker = await WorkerHost.StartAsync(_folder, (store, _) => new AnotherKeepsFirstPhotoStore(store, theirs));

        var stored = await worker.StoredAsync(Some.Request(server.Url()));

        Assert.Equal(theirs, await worker.Store.ReadAsync(stored.Original.Key, default));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(theirs)), stored.Sha256);
        Assert.Equal(theirs.Length, stored.Original.Bytes);
    }

    [Fact]
    public async Task A_photo_that_is_gone_once_and_there_again_is_stored()
    {
        await using var server = new PhotoServer(Answering.InTurn(Answering.With(404), Answering.With(200, Some.Jpeg())));
        await using var worker = await WorkerHost.StartAsync(_folder);

        await worker.StoredAsync(Some.Request(server.Url()));

        Assert.Equal(2, server.Requests.Count);
        Assert.Empty(worker.Heard.All<PhotoRejected>());
    }

    [Fact]
    public async Task A_photo_that_is_gone_twice_is_rejected()
    {
        await using var server = new PhotoServer(Answering.With(404));
        await using var worker = await WorkerHost.StartAsync(_folder);

        await worker.AskAsync(Some.Request(server.Url()));

        Assert.Equal(PhotoRejection.Gone, (await worker.Heard.FirstAsync<PhotoRejected>()).Reason);
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData(503, 404, 404)]
    [InlineData(404, 503, 404)]
    public async Task A_failure_does_not_count_as_having_been_gone_and_does_not_make_it_forgotten(params int[] statuses)
    {
        await using var server = new PhotoServer(Answering.InTurn([.. statuses.Select(status => Answering.With(status))]));
        await using var worker = await WorkerHost.StartAsync(_folder);

        await worker.AskAsync(Some.Request(server.Url()));

        Assert.Equal(PhotoRejection.Gone, (await worker.Heard.FirstAsync<PhotoRejected>()).Reason);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_page_instead_of_a_photo_is_rejected_and_leaves_nothing_in_the_store()
    {
        await using var server = new PhotoServer(Answering.With(200, "<html>Coming soon</html>"u8.ToArray()));
        await using var worker = await WorkerHost.StartAsync(_folder);

        await worker.AskAsync(Some.Request(server.Url()));

        var rejected = await worker.Heard.FirstAsync<PhotoRejected>();
        Assert.Equal((PhotoRejection.NotAnImage, "p1", "v1"), (rejected.Reason, rejected.MediaKey, rejected.Version));
        Assert.Empty(await worker.KeysAsync());
        Assert.Empty(worker.Heard.All<Fault<PhotoRequested>>());
    }

    [Fact]
    public async Task The_original_of_a_corrupt_photo_is_deleted_only_after_its_rejection_was_told()
    {
        var deleted = new TaskCompletionSource();
        await using var server = new PhotoServer(Answering.With(200, Some.CutJpeg()));
        await using var worker = await WorkerHost.StartAsync(_folder, (store, heard) => new DeletingOnceToldPhotoStore(store, heard, deleted));

        await worker.AskAsync(Some.Request(server.Url()));

        await deleted.Task;
        Assert.Equal(PhotoRejection.Truncated, (await worker.Heard.FirstAsync<PhotoRejected>()).Reason);
        Assert.Empty(await worker.KeysAsync());
    }

    [Fact]
    public async Task A_rejected_answer_does_not_delete_what_another_process_kept_meanwhile()
    {
        WorkerHost? worker = null;
        var request = Some.Request("");
        var key = StoreKeys.Original(request.Feed, request.ListingKey, request.MediaKey, request.Version);
        await using var server = new PhotoServer(async (heard, stream) =>
        {
            await worker!.Store.WriteOnceAsync(key, Some.Jpeg(), new ObjectFacts { ContentType = "image/jpeg" }, default);
            return await Answering.With(200, "<html>"u8.ToArray())(heard, stream);
        });
        await using (worker = await WorkerHost.StartAsync(_folder))
        {
            await worker.AskAsync(request with { SourceUrl = server.Url() });
            await worker.Heard.FirstAsync<PhotoRejected>();
        }

        // The worker has ended all it was at.
        using var store = new FilePhotoStore(_folder["store"]);
        Assert.NotNull(await store.FindAsync(key, default));
    }

    [Fact]
    public async Task A_photo_that_never_comes_fails_once_after_its_last_rung()
    {
        await using var server = new PhotoServer(Answering.With(503));
        await using var worker = await WorkerHost.StartAsync(_folder);

        await worker.AskAsync(Some.Request(server.Url("/secret.jpg?token=secret")));

        var fault = await worker.Heard.FirstAsync<Fault<PhotoRequested>>();
        Assert.Equal("http://127.0.0.1 answered 503.", Assert.Single(fault.Exceptions).Message);
        Assert.Equal(3, server.Requests.Count);
        Assert.Equal(2, worker.Retries);

        await worker.AskAsync(Some.Request(server.Url(), mediaKey: "p2"));
        await worker.Heard.UntilAsync<Fault<PhotoRequested>>(all => all.Any(f => f.Message.MediaKey == "p2"));
        Assert.Equal(["p1", "p2"], worker.Heard.All<Fault<PhotoRequested>>().Select(f => f.Message.MediaKey));
        Assert.Equal(["failed", "failed"], worker.Outcomes);
        Assert.Empty(worker.Heard.All<PhotoRejected>());
    }

    [Fact]
    public async Task A_failed_photo_that_is_asked_for_again_is_stored()
    {
        await using var server = new PhotoServer(
            Answering.InTurn(Answering.With(503), Answering.With(503), Answering.With(503), Answering.With(200, Some.Jpeg())));
        await using var worker = await WorkerHost.StartAsync(_folder);
        await worker.AskAsync(Some.Request(server.Url()));
        await worker.Heard.FirstAsync<Fault<PhotoRequested>>();

        await worker.StoredAsync(Some.Request(server.Url()));
    }

    [Fact]
    public async Task A_lease_that_has_ended_asks_for_a_fresh_URL()
    {
        await using var server = new PhotoServer(Answering.WithPhoto);
        await using var worker = await WorkerHost.StartAsync(_folder);

        await worker.AskAsync(Some.Request(server.Url(), urgent: true) with { ExpiresAt = DateTimeOffset.UnixEpoch, LeaseRefreshes = 2 });

        var expired = await worker.Heard.FirstAsync<PhotoUrlExpired>();
        Assert.Equal(UrlExpiry.TimeOver, expired.Reason);
        Assert.Equal((2, true, "p1", "v1"), (expired.LeaseRefreshes, expired.Urgent, expired.MediaKey, expired.Version));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_lease_that_ends_more_often_than_allowed_fails_without_further_tries()
    {
        await using var server = new PhotoServer(Answering.With(403));
        await using var worker = await WorkerHost.StartAsync(_folder, ("PhotoWorker:MaxLeaseRefreshes", "1"));
        var request = Some.Request(server.Url()) with { ExpiresAt = DateTimeOffset.MaxValue, LeaseRefreshes = 1 };

        await worker.AskAsync(request);

        await worker.Heard.FirstAsync<Fault<PhotoRequested>>();
        Assert.Single(server.Requests);
        Assert.Empty(worker.Heard.All<PhotoUrlExpired>());
    }

    [Fact]
    public async Task A_store_that_fails_is_tried_again_and_nothing_is_told_before_it_has_everything()
    {
        await using var server = new PhotoServer(Answering.With(200, Some.Jpeg()));
        ThrowingPhotoStore? throwing = null;
        await using var worker = await WorkerHost.StartAsync(_folder, (store, _) => throwing = new ThrowingPhotoStore(store) { FailingWrites = [2, 4] });

        var stored = await worker.StoredAsync(Some.Request(server.Url()));

        Assert.Empty(throwing!.FailingWrites);
        Assert.Equal(2, worker.Retries);
        Assert.Single(server.Requests);
        Assert.Equal([stored.Original.Key, .. stored.Renditions.Select(r => r.Key).Order()], await worker.KeysAsync());
        Assert.Single(worker.Heard.All<PhotoStored>());
    }

    [Fact]
    public async Task A_store_that_fails_for_ever_is_a_failure()
    {
        await using var server = new PhotoServer(Answering.With(200, Some.Jpeg()));
        await using var worker = await WorkerHost.StartAsync(
            _folder, (store, _) => new ThrowingPhotoStore(store) { FailingWrites = [.. Enumerable.Range(1, 100)] });

        await worker.AskAsync(Some.Request(server.Url()));

        var fault = await worker.Heard.FirstAsync<Fault<PhotoRequested>>();
        Assert.Equal(ThrowingPhotoStore.Message, fault.Exceptions[0].Message);
        Assert.Empty(worker.Heard.All<PhotoStored>());
        Assert.Empty(await worker.KeysAsync());
    }
}
