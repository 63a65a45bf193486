using System.Security.Cryptography;
using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Imaging;

namespace ImagePipeline.PhotoWorker;

/// <summary>What can be made of a photo without its vendor: find → render from the kept original → store the renditions.</summary>
sealed class KeptPhotos(StoredPhotos stored, Renderer renderer, DecodeSlots decodes)
{
    /// <summary>The photo as it is stored in this profile, or as it is now made from the kept original; null when neither is there.</summary>
    /// <exception cref="RejectedException">The original is bad.</exception>
    public async Task<PhotoStored?> TryAsync(WantedPhoto wanted, bool urgent, CancellationToken cancellation)
    {
        if (await stored.FindAsync(wanted, cancellation) is { } found)
            return found;
        return await stored.ReadOriginalAsync(wanted, cancellation) is { } original ? await RenderAsync(wanted, urgent, original, cancellation) : null;
    }

    /// <summary>Renders an original that is kept, in a decode slot, and stores the renditions.</summary>
    /// <exception cref="RejectedException">The original is bad.</exception>
    public async Task<PhotoStored> RenderAsync(WantedPhoto wanted, bool urgent, ReadOnlyMemory<byte> original, CancellationToken cancellation)
    {
        var (rendered, sha256) = await decodes.RunAsync(urgent, () => Render(original), cancellation);
        return await stored.StoreAsync(wanted, rendered, original.Length, sha256, cancellation);
    }

    (RenderedPhoto, string Sha256) Render(ReadOnlyMemory<byte> original)
    {
        try
        {
            return (renderer.Render(original), Convert.ToHexStringLower(SHA256.HashData(original.Span)));
        }
        catch (RejectedException e)
        {
            throw new RejectedException(e.Reason, e.Message) { IsKept = true };
        }
    }
}
