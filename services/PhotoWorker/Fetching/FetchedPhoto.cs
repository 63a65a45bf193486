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

    /// <summary>Room for more bytes while the body is read, up to <paramref name="max"/> in all; grows when it is full.</summary>
    internal Memory<byte> Room(int max)
    {
        var array = Owned;
        if (_length == array.Length)
        {
            array = ArrayPool<byte>.Shared.Rent((int)Math.Min(_length * 2L, max));
            Owned.CopyTo(array, 0);
            ArrayPool<byte>.Shared.Return(Owned);
            _pooled = array;
        }
        return array.AsMemory(_length, Math.Min(array.Length, max) - _length);
    }

    /// <summary>So many bytes of the room are filled.</summary>
    internal void Add(int bytes) => _length += bytes;
}
