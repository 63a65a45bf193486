using System.Buffers.Binary;

namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>
/// Whether a file that could not be decoded stops before its own structure says that it ends: that tells a cut download from a damaged
/// file. Asked only after decoding failed, because a file that lacks nothing but its end mark still has all its pixels.
/// </summary>
static class FileEnd
{
    /// <summary>True when the file ends early; false when it is whole, or damaged before its end could be found.</summary>
    public static bool IsMissing(PhotoFormat format, ReadOnlySpan<byte> file) => format switch
    {
        PhotoFormat.Jpeg => JpegEndsEarly(file),
        PhotoFormat.Png => PngEndsEarly(file),
        PhotoFormat.WebP => WebPEndsEarly(file),
        PhotoFormat.Gif => GifEndsEarly(file),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    // Damage in the middle may hide where the rest begins; a file that was cut does not end as a whole one does.
    static bool JpegEndsEarly(ReadOnlySpan<byte> file) => JpegLayout.Of(file).EndsEarly && !file.TrimEnd((byte)0).EndsWith<byte>([0xFF, 0xD9]);

    static bool PngEndsEarly(ReadOnlySpan<byte> file)
    {
        const int signature = 8, around = 12;

        for (long at = signature; ;)
        {
            if (at + around > file.Length)
                return true;
            var chunk = file[(int)at..];
            var type = chunk.Slice(4, 4);
            if (type.SequenceEqual("IEND"u8) || type.ContainsAnyExceptInRange((byte)'A', (byte)'z'))
                return false;
            at += around + BinaryPrimitives.ReadUInt32BigEndian(chunk);
        }
    }

    static bool WebPEndsEarly(ReadOnlySpan<byte> file) =>
        file.Length < 12 || 8L + BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) > file.Length;

    static bool GifEndsEarly(ReadOnlySpan<byte> file)
    {
        const byte image = 0x2C, extension = 0x21;

        if (file.Length < 13)
            return true;
        var at = 13 + ColourTable(file[10]);
        while (at < file.Length)
        {
            switch (file[at])
            {
                case image when at + 10 < file.Length:
                    at = AfterBlocks(file, at + 11 + ColourTable(file[at + 9]));
                    break;
                case image:
                    return true;
                case extension:
                    at = AfterBlocks(file, at + 2);
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    static int ColourTable(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    static int AfterBlocks(ReadOnlySpan<byte> file, int at)
    {
        while (at < file.Length && file[at] != 0)
            at += file[at] + 1;
        return at + 1;
    }
}
