using System.Collections.Concurrent;
using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Fetching;
using ImagePipeline.PhotoWorker.Imaging;

namespace ImagePipeline.PhotoWorker;

/// <summary>
/// From a request to a stored photo: find → fetch → keep the original → render → store the renditions. Each step is done at most once: what an
/// earlier try has kept is found, and of two requests for one version in this process the second waits, to find what the first has stored.
/// </summary>
sealed class PhotoProcess(StoredPhotos stored, KeptPhotos kept, PhotoFetcher fetcher, Renderer renderer)
{
    readonly ConcurrentDictionary<(Guid, string), Task> _underWay = new();

    /// <summary>Stores the photo, or finds that it is stored.</summary>
    /// <exception cref="RejectedException">The data is bad.</exception>
    public async Task<PhotoStored> RunAsync(PhotoRequested request, int goneBefore, CancellationToken cancellation)
    {
        var key = (request.PhotoId, request.Version);
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // In turn rather than together: a try belongs to one request, and ends with that one's cancellation and by that one's history.
        while (_underWay.GetOrAdd(key, mine.Task) is var underWay && underWay != mine.Task)
            await underWay.WaitAsync(cancellation);
        try
        {
            return await RunAloneAsync(request, goneBefore, cancellation);
        }
        finally
        {
            _underWay.TryRemove(key, out _);
            mine.SetResult();
        }
    }

    /// <summary>Removes what was kept of a photo that was rejected for what is kept of it.</summary>
    public Task ForgetAsync(PhotoRequested request, CancellationToken cancellation) => stored.ForgetOriginalAsync(WantedPhoto.Of(request), cancellation);

    async Task<PhotoStored> RunAloneAsync(PhotoRequested request, int goneBefore, CancellationToken cancellation)
    {
        var wanted = WantedPhoto.Of(request);
        if (await kept.TryAsync(wanted, request.Urgent, cancellation) is { } made)
            return made;

        using var fetched = await fetcher.FetchAsync(request, goneBefore, cancellation);
        // What is plainly no photo is never kept.
        renderer.CheckHeader(fetched.Bytes);
        return await kept.RenderAsync(wanted, request.Urgent, await KeepAsync(wanted, fetched.Bytes, cancellation), cancellation);
    }

    // Another process may have been faster, with other bytes: renditions show what is kept.
    async Task<ReadOnlyMemory<byte>> KeepAsync(WantedPhoto wanted, ReadOnlyMemory<byte> fetched, CancellationToken cancellation) =>
        await stored.KeepOriginalAsync(wanted, fetched, cancellation)
            ? fetched
            : await stored.ReadOriginalAsync(wanted, cancellation)
                ?? throw new IOException("The photo's original was deleted while the photo was being stored.");
}
