using System.Buffers;
using NetVips;

namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>
/// The pixels of one size, in memory, because both its encoder and the next step read them. Up to <see cref="LargestKept"/> bytes the memory is used again for
/// the next photo: fresh memory comes from the system page by page, which was 7 % of all rendering. What is larger is rare, and is given back at once.
/// </summary>
sealed class PixelBuffer : IDisposable
{
    // 1600 by 3495 pixels, any photo that is not more than twice as high as wide.
    const int LargestKept = 16 * 1024 * 1024;

    readonly Action _giveBack;

    PixelBuffer(Image pixels, Action giveBack) => (Pixels, _giveBack) = (pixels, giveBack);

    /// <summary>Not to be used any more once the buffer is disposed.</summary>
    public Image Pixels { get; }

    /// <summary>The pool for so many photos at once; each has two sizes in memory at a time.</summary>
    public static ArrayPool<byte> PoolFor(int photos) => ArrayPool<byte>.Create(LargestKept, 2 * photos);

    /// <summary>Computes an image of 8-bit pixels.</summary>
    public static PixelBuffer Of(Image lazy, ArrayPool<byte> pool)
    {
        var size = (long)lazy.Width * lazy.Height * lazy.Bands;
        return size <= LargestKept ? InPool(lazy, (int)size, pool) : new(lazy.CopyMemory(), static () => { });
    }

    static unsafe PixelBuffer InPool(Image lazy, int size, ArrayPool<byte> pool)
    {
        var array = pool.Rent(size);
        var pinned = array.AsMemory().Pin();
        Image? pixels = null;
        try
        {
            pixels = Image.NewFromMemory((nint)pinned.Pointer, (ulong)size, lazy.Width, lazy.Height, lazy.Bands, lazy.Format);
            lazy.Write(pixels);
            return new(pixels, GiveBack);
        }
        catch
        {
            pixels?.Dispose();
            GiveBack();
            throw;
        }

        void GiveBack()
        {
            pinned.Dispose();
            pool.Return(array);
        }
    }

    public void Dispose()
    {
        Pixels.Dispose();
        _giveBack();
    }
}
