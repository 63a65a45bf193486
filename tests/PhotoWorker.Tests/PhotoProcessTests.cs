using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Fetching;
using ImagePipeline.PhotoWorker.Tests.Fetching;
using ImagePipeline.TestSupport;

namespace ImagePipeline.PhotoWorker.Tests;

public sealed class PhotoProcessTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_requests_at_once_for_one_photo_share_one_download()
    {
        await using var server = new PhotoServer(Held(Answering.With(200, Some.Jpeg())));
        await using var worker = await WorkerHost.StartAsync(_folder);
        var process = worker.The<PhotoProcess>();

        var first = process.RunAsync(Some.Request(server.Url()), 0, default);
        await _asked.Task;
        var second = process.RunAsync(Some.Request(server.Url()) with { Generation = 2 }, 0, default);
        _release.SetResult();

        Assert.Equal((1, false), ((await first).Generation, (await first).AlreadyStored));
        Assert.Equal((2, true), ((await second).Generation, (await second).AlreadyStored));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Requests_for_different_photos_do_not_wait_for_each_other()
    {
        await using var server = new PhotoServer(Held(Answering.With(200, Some.Jpeg())));
        await using var worker = await WorkerHost.StartAsync(_folder);
        var process = worker.The<PhotoProcess>();

        var first = process.RunAsync(Some.Request(server.Url()), 0, default);
        await _asked.Task;
        await process.RunAsync(Some.Request(server.Url(), mediaKey: "p2"), 0, default);

        Assert.False(first.IsCompleted);
        _release.SetResult();
        await first;
    }

    [Fact]
    public async Task A_request_that_is_cancelled_does_not_take_another_one_for_its_photo_with_it()
    {
        await using var server = new PhotoServer(Held(Answering.With(200, Some.Jpeg())));
        await using var worker = await WorkerHost.StartAsync(_folder);
        var process = worker.The<PhotoProcess>();
        using var cancelled = new CancellationTokenSource();

        var first = process.RunAsync(Some.Request(server.Url()), 0, cancelled.Token);
        await _asked.Task;
        var second = process.RunAsync(Some.Request(server.Url()), 0, default);
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False((await second).AlreadyStored);
    }

    [Fact]
    public async Task A_request_that_waits_for_another_one_can_be_cancelled_alone()
    {
        await using var server = new PhotoServer(Held(Answering.With(200, Some.Jpeg())));
        await using var worker = await WorkerHost.StartAsync(_folder);
        var process = worker.The<PhotoProcess>();
        using var cancelled = new CancellationTokenSource();

        var first = process.RunAsync(Some.Request(server.Url()), 0, default);
        await _asked.Task;
        var second = process.RunAsync(Some.Request(server.Url()), 0, cancelled.Token);
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        _release.SetResult();
        Assert.False((await first).AlreadyStored);
    }

    [Fact]
    public async Task Each_of_two_requests_at_once_counts_for_itself_how_often_the_photo_was_gone()
    {
        await using var server = new PhotoServer(Held(Answering.With(404)));
        await using var worker = await WorkerHost.StartAsync(_folder);
        var process = worker.The<PhotoProcess>();

        var first = process.RunAsync(Some.Request(server.Url()), 0, default);
        await _asked.Task;
        var second = process.RunAsync(Some.Request(server.Url()), 1, default);
        _release.SetResult();

        await Assert.ThrowsAsync<PhotoGoneException>(() => first);
        Assert.Equal(PhotoRejection.Gone, (await Assert.ThrowsAsync<RejectedException>(() => second)).Reason);
    }

    /// <summary>Holds the first request until it is released.</summary>
    Answer Held(Answer answer) => async (request, stream) =>
    {
        if (request.Number == 1)
        {
            _asked.SetResult();
            await _release.Task;
        }
        return await answer(request, stream);
    };
}
