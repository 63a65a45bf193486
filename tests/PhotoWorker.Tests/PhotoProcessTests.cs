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

    [Fact]
    public async Task However_little_may_be_in_flight_every_photo_is_stored_and_nothing_stays_counted()
    {
        // What comes behind the end mark is not looked at.
        byte[] large = [.. Some.Jpeg(), .. new byte[400_000]];
        await using var server = new PhotoServer((request, stream) => request.Number % 3 == 0
            ? Answering.WithoutLength(large)(request, stream)
            : Answering.With(200, request.Number % 10 == 1 ? "<html>"u8.ToArray() : large)(request, stream));
        await using var worker = await WorkerHost.StartAsync(_folder, ("PhotoWorker:Fetching:MaxBytesInFlight", "1048576"));
        var process = worker.The<PhotoProcess>();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 60).Select(async n =>
        {
            try
            {
                await process.RunAsync(Some.Request(server.Url(), mediaKey: $"p{n}"), 0, default);
                return true;
            }
            catch (RejectedException)
            {
                return false;
            }
        })).WaitAsync(TimeSpan.FromMinutes(5));

        Assert.Equal((56, 4), (outcomes.Count(stored => stored), outcomes.Count(stored => !stored)));
        Assert.Equal((0, 0), (worker.The<BytesInFlight>().InUse, worker.The<BytesInFlight>().Waiting));
    }

    [Fact]
    public async Task A_kept_original_counts_among_what_is_in_flight_while_it_is_rendered_again()
    {
        await using var server = new PhotoServer(Answering.With(200, Some.Jpeg()));
        await using var worker = await WorkerHost.StartAsync(_folder);
        var process = worker.The<PhotoProcess>();
        await process.RunAsync(Some.Request(server.Url()), 0, default);
        foreach (var key in (await worker.KeysAsync()).Where(key => key.StartsWith("renditions/", StringComparison.Ordinal)))
            await worker.Store.DeleteAsync(key, default);
        var bytes = worker.The<BytesInFlight>();
        using var all = bytes.Begin("other", urgent: false);
        all.End(1L << 40);

        var again = process.RunAsync(Some.Request(server.Url()), 0, default);
        await Eventually.IsAsync(1, () => Task.FromResult(bytes.Waiting));
        all.Dispose();

        Assert.False((await again).AlreadyStored);
        Assert.Single(server.Requests);
        Assert.Equal(0, bytes.InUse);
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
