using System.Security.Cryptography;
using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Fetching;
using ImagePipeline.PhotoWorker.Imaging;

namespace ImagePipeline.PhotoWorker;

/// <summary>What can be made of a photo without its vendor: find → render from the kept original → store the renditions.</summary>
sealed class KeptPhotos(StoredPhotos stored, BytesInFlight inFlight, Renderer renderer, DecodeSlots decodes)
{
    /// <summary>The photo as it is stored in this profile, or as it is now made from the kept original; null when neither is there.</summary>
    /// <exception cref="RejectedException">The original is bad.</exception>
    public async Task<PhotoStored?> TryAsync(WantedPhoto wanted, bool urgent, CancellationToken cancellation)
    {
        if (await stored.FindAsync(wanted, cancellation) is { } found)
            return found;
        // Most photos are new: only what is there takes room, and all of it before it is read.
        if (await stored.FindOriginalAsync(wanted, cancellation) is not { } bytes)
            return null;
        using var held = inFlight.Begin(wanted.Feed, urgent);
        await held.GrowAsync(bytes, cancellation);
        if (await stored.ReadOriginalAsync(wanted, cancellation) is not { } original)
            return null;
        held.End(original.Length);
        var isWhole = await decodes.LookAsync(urgent, () => OfKept(() => renderer.CheckHeader(original)), cancellation);
        return await RenderAsync(wanted, urgent, original, isWhole, renditions => held.Become(renditions, original.Length), cancellation);
    }

    /// <summary>Looks at a photo's header: rejects what is none, or one over the limits. True when the picture can only be decoded whole.</summary>
    /// <exception cref="RejectedException">The original is bad.</exception>
    public Task<bool> LookAsync(bool urgent, ReadOnlyMemory<byte> original, CancellationToken cancellation) =>
        decodes.LookAsync(urgent, () => renderer.CheckHeader(original), cancellation);

    /// <summary>Renders an original that is kept, in a decode slot, and stores the renditions.</summary>
    /// <param name="wanted">Which photo it is.</param>
    /// <param name="urgent">Whether it goes before others.</param>
    /// <param name="original">The photo; not used after it is rendered.</param>
    /// <param name="isWhole">Whether it can only be decoded whole.</param>
    /// <param name="isRendered">Told when the original is not needed any more, with the bytes that were made of it.</param>
    /// <param name="cancellation">Stops waiting and storing.</param>
    /// <exception cref="RejectedException">The original is bad.</exception>
    public async Task<PhotoStored> RenderAsync(
        WantedPhoto wanted, bool urgent, ReadOnlyMemory<byte> original, bool isWhole, Action<long> isRendered, CancellationToken cancellation)
    {
        var bytes = original.Length;
        var (rendered, sha256) = await decodes.RunAsync(urgent, isWhole, inFlight.WaitToMakeAsync, () =>
        {
            var made = OfKept(() => (renderer.Render(original), Convert.ToHexStringLower(SHA256.HashData(original.Span))));
            // Before the slot is free for the next: what waits to be stored counts among what is held.
            isRendered(made.Item1.Renditions.Select(r => r.Bytes).Distinct().Sum(b => (long)b.Length));
            return made;
        }, cancellation);
        return await stored.StoreAsync(wanted, rendered, bytes, sha256, cancellation);
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
