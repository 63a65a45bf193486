using System.Buffers;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>Tells from a body's first bytes that it is clearly no picture, so that the rest need not be read. When in doubt it may be one:
/// the decoder has the last word.</summary>
static class FirstBytes
{
    /// <summary>As many bytes as are looked at: what browsers look at to sniff a type.</summary>
    public const int Count = 512;

    static readonly SearchValues<byte> Binary =
        SearchValues.Create([0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 29, 30, 31, 127]);

    static ReadOnlySpan<byte> Utf16Tag => [0xFF, 0xFE, (byte)'<'];

    /// <summary>Whether <paramref name="start"/> begins a text or a PDF document.</summary>
    public static bool AreClearlyNoPicture(ReadOnlySpan<byte> start)
    {
        if (start.Length > Count)
            start = start[..Count];
        var text = start.StartsWith("\uFEFF"u8) ? start[3..] : start;
        text = text.TrimStart(" \t\r\n"u8);
        if (text.StartsWith("<"u8) || text.StartsWith("%PDF"u8) || start.StartsWith(Utf16Tag))
            return true;
        // Every picture format has lengths or sizes in its first bytes, and with them bytes that no text has.
        return start.IndexOfAny(Binary) < 0;
    }
}
