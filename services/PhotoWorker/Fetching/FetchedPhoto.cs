using System.Buffers;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>A photo's bytes as served, in pooled memory that goes back on <see cref="Dispose"/>.</summary>
sealed class FetchedPhoto(int capacity) : IDisposable
{
    byte[]? _pooled = ArrayPool<byte>.Shared.Rent(capacity);
    int _length;

    /// <summary>The bytes; not to be touched after <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Bytes => Owned.AsMemory(0, _length);

    byte[] Owned => _pooled ?? throw new ObjectDisposedException(nameof(FetchedPhoto));

    /// <summary>Gives the memory back. Once only, however often it is called: an array returned twice would get two owners.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _pooled, null) is { } array)
            ArrayPool<byte>.Shared.Return(array);
    }

    /// <summary>Room for more bytes while the body is read; grows up to <paramref name="max"/> in all.</summary>
    internal Memory<byte> Room(int max)
    {
        var full = Owned;
        if (_length == full.Length)
        {
            _pooled = ArrayPool<byte>.Shared.Rent((int)Math.Min(full.Length * 2L, max));
            full.CopyTo(_pooled, 0);
            ArrayPool<byte>.Shared.Return(full);
        }
        return _pooled.AsMemory(_length);
    }

    /// <summary>So many bytes of the room are filled.</summary>
    internal void Add(int bytes) => _length += bytes;
}
