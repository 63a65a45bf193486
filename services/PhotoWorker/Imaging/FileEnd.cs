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

    static bool JpegEndsEarly(ReadOnlySpan<byte> file)
    {
        const byte startOfScan = 0xDA, endOfImage = 0xD9, temporary = 0x01;

        var at = 2;
        while (at < file.Length)
        {
            if (file[at] != 0xFF)
                return false;
            while (at < file.Length && file[at] == 0xFF)
                at++;
            if (at >= file.Length)
                return true;

            var marker = file[at++];
            if (marker == endOfImage)
                return false;
            if (marker == temporary || IsRestart(marker))
                continue;
            if (at + 2 > file.Length)
                return true;
            at += BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
            if (marker == startOfScan)
                at = AfterScan(file, at);
        }

        return true;
    }

    /// <summary>Scan data has no length; it runs to the first marker that is neither an escaped FF nor a restart.</summary>
    static int AfterScan(ReadOnlySpan<byte> file, int at)
    {
        while (at < file.Length - 1)
        {
            var next = file[at..^1].IndexOf((byte)0xFF);
            if (next < 0)
                return file.Length;
            at += next;
            if (file[at + 1] is not (0x00 or 0xFF) && !IsRestart(file[at + 1]))
                return at;
            at += file[at + 1] == 0xFF ? 1 : 2;
        }

        return file.Length;
    }

    static bool IsRestart(byte marker) => marker is >= 0xD0 and <= 0xD7;

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
