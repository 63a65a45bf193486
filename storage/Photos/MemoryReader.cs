namespace ImagePipeline.Storage.Photos;

/// <summary>
/// Reads bytes where they are, also outside of the managed heap, where no <see cref="MemoryStream"/> reaches. They are pinned while they are read, no longer: a
/// request that is still being given up when their owner lets go of them ends in an exception, and is never sent the bytes of another.
/// </summary>
sealed class MemoryReader(ReadOnlyMemory<byte> bytes) : Stream
{
    int _at;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => bytes.Length;

    public override long Position
    {
        get => _at;
        set => _at = (int)Math.Clamp(value, 0, bytes.Length);
    }

    public override int Read(Span<byte> buffer)
    {
        using var pinned = bytes.Pin();
        var count = Math.Min(buffer.Length, bytes.Length - _at);
        bytes.Span.Slice(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Current => _at,
        SeekOrigin.End => bytes.Length,
        _ => 0,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
