namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>A photo's bytes as served, counted among the bytes in flight until <see cref="Dispose"/>.</summary>
/// <param name="capacity">For so many bytes there is room at first.</param>
/// <param name="held">What is counted; disposed with the photo.</param>
sealed class FetchedPhoto(int capacity, HeldBytes held) : IDisposable
{
    readonly PhotoMemory _memory = new(capacity);
    int _length;

    /// <summary>The bytes; not to be touched after <see cref="Dispose"/> or <see cref="Release"/>.</summary>
    public ReadOnlyMemory<byte> Bytes => _memory.Memory[.._length];

    /// <summary>What is counted of it among the bytes in flight.</summary>
    public HeldBytes Held => held;

    /// <summary>Gives the memory back, and counts from now on what was made of the photo.</summary>
    public void Release(long renditions)
    {
        ((IDisposable)_memory).Dispose();
        held.Become(renditions);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ((IDisposable)_memory).Dispose();
        held.Dispose();
    }

    /// <summary>Room for more bytes while the body is read, up to <paramref name="max"/> in all; at most <paramref name="piece"/> at once.</summary>
    internal async ValueTask<Memory<byte>> RoomAsync(int max, int piece, Func<Task, Task> waiting, CancellationToken cancellation)
    {
        if (_length == _memory.Capacity)
            _memory.Grow((int)Math.Min(_length * 2L, max));
        var free = Math.Min(_memory.Capacity, max) - _length;
        if (_length == held.Bytes && held.GrowAsync(Math.Min(piece, free), cancellation) is { IsCompletedSuccessfully: false } room)
            await waiting(room);
        return _memory.Memory.Slice(_length, (int)Math.Min(free, held.Bytes - _length));
    }

    /// <summary>So many bytes of the room are filled.</summary>
    internal void Add(int bytes) => _length += bytes;

    /// <summary>No more bytes will come.</summary>
    internal void End() => held.End(_length);
}
