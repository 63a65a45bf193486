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

    readonly ArrayPool<byte>? _pool;
    readonly byte[] _array = [];
    readonly MemoryHandle _pinned;

    PixelBuffer(Image pixels) => Pixels = pixels;

    unsafe PixelBuffer(Image pixels, int size, ArrayPool<byte> pool)
    {
        _pool = pool;
        _array = pool.Rent(size);
        _pinned = _array.AsMemory().Pin();
        Pixels = Image.NewFromMemory((nint)_pinned.Pointer, (ulong)size, pixels.Width, pixels.Height, pixels.Bands, pixels.Format);
        try
        {
            pixels.Write(Pixels);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Not to be used any more once the buffer is disposed.</summary>
    public Image Pixels { get; }

    /// <summary>The pool for so many photos at once; each has two sizes in memory at a time.</summary>
    public static ArrayPool<byte> PoolFor(int photos) => ArrayPool<byte>.Create(LargestKept, 2 * photos);

    /// <summary>Computes an image of 8-bit pixels.</summary>
    public static PixelBuffer Of(Image lazy, ArrayPool<byte> pool)
    {
        var size = (long)lazy.Width * lazy.Height * lazy.Bands;
        return size <= LargestKept ? new(lazy, (int)size, pool) : new(lazy.CopyMemory());
    }

    public void Dispose()
    {
        Pixels.Dispose();
        _pinned.Dispose();
        _pool?.Return(_array);
    }
}
