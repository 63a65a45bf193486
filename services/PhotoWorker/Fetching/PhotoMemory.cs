using System.Buffers;
using System.Runtime.InteropServices;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>
/// Memory for one file, outside of the managed heap: it takes from the system only what was written to it, grows without being copied where the C library can,
/// and is back with the system when it is disposed, not when a collector comes to it. Pooled arrays of powers of two take twice as much.
/// </summary>
sealed unsafe class PhotoMemory(int capacity) : MemoryManager<byte>
{
    readonly Lock _gate = new();
    byte* _start = (byte*)NativeMemory.Alloc((nuint)capacity);
    int _pins;
    bool _isOver;

    /// <summary>How many bytes have room.</summary>
    public int Capacity { get; private set; } = capacity;

    /// <summary>Makes room for more; memory and spans taken before are not to be used any more.</summary>
    public void Grow(int capacity)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isOver, this);
            _start = (byte*)NativeMemory.Realloc(_start, (nuint)capacity);
            Capacity = capacity;
        }
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_isOver, this);
        return new Span<byte>(_start, Capacity);
    }

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isOver, this);
            _pins++;
            return new MemoryHandle(_start + elementIndex, default, this);
        }
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
        lock (_gate)
        {
            _pins--;
            FreeIfUnused();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            _isOver = true;
            FreeIfUnused();
        }
    }

    // A system call that was cancelled may still be reading from it.
    void FreeIfUnused()
    {
        if (!_isOver || _pins > 0)
            return;
        NativeMemory.Free(_start);
        _start = null;
    }
}
