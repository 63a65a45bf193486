using System.Buffers.Binary;

namespace ImagePipeline.SampleMls.Pictures;

/// <summary>
/// Baseline JPEGs with 4:2:0 chroma and a restart interval of one row of blocks. Each such row is a segment of its own between restart
/// markers (ITU T.81, E.1.4: the predictors start anew), so a segment may be exchanged for another of the same width, tables and place.
/// </summary>
static class RestartJpeg
{
    /// <summary>Rows of pixels in one row of blocks.</summary>
    public const int BlockRows = 16;

    const byte Marker = 0xFF, FirstRestart = 0xD0, LastRestart = 0xD7, StartOfScan = 0xDA, EndOfImage = 0xD9;

    /// <summary>Where some segments lie in a file, without the marker before and after them.</summary>
    public static (int From, int To) Segments(ReadOnlySpan<byte> jpeg, int first, int count)
    {
        var from = ScanStart(jpeg);
        for (var segment = 0; segment < first; segment++) from = End(jpeg, from) + 2;
        var to = End(jpeg, from);
        for (var segment = 1; segment < count; segment++) to = End(jpeg, to + 2);
        return (from, to);
    }

    /// <summary>All segments of a file with the markers between them, numbered as from the <paramref name="first"/> segment on.</summary>
    public static byte[] Renumbered(ReadOnlySpan<byte> jpeg, int first)
    {
        var from = ScanStart(jpeg);
        var segments = jpeg[from..].ToArray();
        for (var end = End(segments, 0); ; end = End(segments, end + 2))
        {
            if (segments[end + 1] == EndOfImage) return segments[..end];
            segments[end + 1] = (byte)(FirstRestart + first++ % 8);
        }
    }

    static int ScanStart(ReadOnlySpan<byte> jpeg)
    {
        var at = 2;
        while (jpeg[at + 1] != StartOfScan) at += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 2)..]);
        return at + 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 2)..]);
    }

    // The next marker; within a segment 0xFF is followed by 0.
    static int End(ReadOnlySpan<byte> jpeg, int from)
    {
        while (true)
        {
            from += jpeg[from..].IndexOf(Marker);
            if (jpeg[from + 1] is (>= FirstRestart and <= LastRestart) or EndOfImage) return from;
            from++;
        }
    }
}
