using System.Collections.Concurrent;
using System.Security.Cryptography;
using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Fetching;
using ImagePipeline.PhotoWorker.Imaging;

namespace ImagePipeline.PhotoWorker;

/// <summary>
/// From a request to a stored photo: find → fetch → keep the original → render → store the renditions. Each step is done at most once: what an
/// earlier try has kept is found, and two requests for one version in this process share one try.
/// </summary>
sealed class PhotoProcess(StoredPhotos stored, PhotoFetcher fetcher, Renderer renderer, DecodeSlots decodes)
{
    readonly ConcurrentDictionary<(Guid, string), Lazy<Task<PhotoStored>>> _underWay = new();

    /// <summary>Stores the photo, or finds that it is stored.</summary>
    /// <exception cref="RejectedException">The data is bad.</exception>
    public async Task<PhotoStored> RunAsync(PhotoRequested request, int goneBefore, CancellationToken cancellation)
    {
        var key = (request.PhotoId, request.Version);
        var mine = new Lazy<Task<PhotoStored>>(() => RunAloneAsync(request, goneBefore, cancellation));
        var underWay = _underWay.GetOrAdd(key, mine);
        try
        {
            var outcome = await underWay.Value.WaitAsync(cancellation);
            return ReferenceEquals(underWay, mine) ? outcome : outcome with { Generation = request.Generation, AlreadyStored = true };
        }
        finally
        {
            _underWay.TryRemove(new(key, mine));
        }
    }

    /// <summary>Removes what was kept of a rejected photo.</summary>
    public Task ForgetAsync(PhotoRequested request, CancellationToken cancellation) => stored.ForgetOriginalAsync(request, cancellation);

    async Task<PhotoStored> RunAloneAsync(PhotoRequested request, int goneBefore, CancellationToken cancellation)
    {
        if (await stored.FindAsync(request, cancellation) is { } found)
            return found;

        if (await stored.ReadOriginalAsync(request, cancellation) is { } kept)
            return await RenderAsync(request, kept, cancellation);

        using var fetched = await fetcher.FetchAsync(request, goneBefore, cancellation);
        // What is plainly no photo is never kept.
        renderer.CheckHeader(fetched.Bytes);
        await stored.KeepOriginalAsync(request, fetched.Bytes, cancellation);
        return await RenderAsync(request, fetched.Bytes, cancellation);
    }

    async Task<PhotoStored> RenderAsync(PhotoRequested request, ReadOnlyMemory<byte> original, CancellationToken cancellation)
    {
        var (rendered, sha256) = await decodes.RunAsync(
            request.Urgent, () => (renderer.Render(original), Convert.ToHexStringLower(SHA256.HashData(original.Span))), cancellation);
        return await stored.StoreAsync(request, rendered, original.Length, sha256, cancellation);
    }
}
