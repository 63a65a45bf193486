namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>Reads a stream whole, up to a limit.</summary>
static class LimitedBytes
{
    /// <summary>All of <paramref name="stream"/>; null when it is longer than <paramref name="maxBytes"/>.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(Stream stream, int maxBytes, CancellationToken cancellation)
    {
        var buffer = new byte[Math.Min(maxBytes, 64 * 1024) + 1];
        var length = 0;
        while (await stream.ReadAsync(buffer.AsMemory(length), cancellation) is > 0 and var read)
        {
            length += read;
            if (length > maxBytes) return null;
            if (length == buffer.Length) Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, maxBytes + 1L));
        }
        return buffer.AsMemory(0, length);
    }
}
