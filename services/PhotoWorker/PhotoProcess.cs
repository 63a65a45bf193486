using System.Collections.Concurrent;
using System.Security.Cryptography;
using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Fetching;
using ImagePipeline.PhotoWorker.Imaging;

namespace ImagePipeline.PhotoWorker;

/// <summary>
/// From a request to a stored photo: find → fetch → keep the original → render → store the renditions. Each step is done at most once: what an
/// earlier try has kept is found, and of two requests for one version in this process the second waits, to find what the first has stored.
/// </summary>
sealed class PhotoProcess(StoredPhotos stored, PhotoFetcher fetcher, BytesInFlight inFlight, Renderer renderer, DecodeSlots decodes)
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
    public Task ForgetAsync(PhotoRequested request, CancellationToken cancellation) => stored.ForgetOriginalAsync(request, cancellation);

    async Task<PhotoStored> RunAloneAsync(PhotoRequested request, int goneBefore, CancellationToken cancellation)
    {
        if (await stored.FindAsync(request, cancellation) is { } found)
            return found;

        if (await RenderKeptAsync(request, cancellation) is { } again)
            return again;

        using var fetched = await fetcher.FetchAsync(request, goneBefore, cancellation);
        // What is plainly no photo is never kept.
        var isWhole = await decodes.LookAsync(request.Urgent, () => renderer.CheckHeader(fetched.Bytes), cancellation);
        if (await stored.KeepOriginalAsync(request, fetched.Bytes, cancellation))
            return await RenderAsync(request, fetched.Bytes, isWhole, fetched.Release, cancellation);

        // Another process was faster, perhaps with other bytes: renditions show what is kept.
        fetched.Dispose();
        return await RenderKeptAsync(request, cancellation) ?? throw new IOException("The photo's original was deleted while the photo was being stored.");
    }

    async Task<PhotoStored?> RenderKeptAsync(PhotoRequested request, CancellationToken cancellation)
    {
        // Most photos are new: only what is there takes room, and all of it before it is read.
        if (await stored.FindOriginalAsync(request, cancellation) is not { } bytes)
            return null;
        using var held = inFlight.Begin(request);
        await held.GrowAsync(bytes, cancellation);
        if (await stored.ReadOriginalAsync(request, cancellation) is not { } kept)
            return null;
        held.End(kept.Length);
        var isWhole = await decodes.LookAsync(request.Urgent, () => OfKept(() => renderer.CheckHeader(kept)), cancellation);
        return await RenderAsync(request, kept, isWhole, renditions => held.Become(renditions, kept.Length), cancellation);
    }

    /// <param name="request">What is wanted.</param>
    /// <param name="original">The photo; not used after it is rendered.</param>
    /// <param name="isWhole">Whether it can only be decoded whole.</param>
    /// <param name="isRendered">Told when the original is not needed any more, with the bytes that were made of it.</param>
    /// <param name="cancellation">Stops waiting and storing.</param>
    async Task<PhotoStored> RenderAsync(
        PhotoRequested request, ReadOnlyMemory<byte> original, bool isWhole, Action<long> isRendered, CancellationToken cancellation)
    {
        var bytes = original.Length;
        var (rendered, sha256) = await decodes.RunAsync(request.Urgent, isWhole, inFlight.WaitToMakeAsync, () =>
        {
            var made = OfKept(() => (renderer.Render(original), Convert.ToHexStringLower(SHA256.HashData(original.Span))));
            // Before the slot is free for the next: what waits to be stored counts among what is held.
            isRendered(made.Item1.Renditions.Select(r => r.Bytes).Distinct().Sum(b => (long)b.Length));
            return made;
        }, cancellation);
        return await stored.StoreAsync(request, rendered, bytes, sha256, cancellation);
    }

    // What is found bad in what is kept has to go from the store.
    static T OfKept<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (RejectedException e)
        {
            throw new RejectedException(e.Reason, e.Message) { IsKept = true };
        }
    }
}
