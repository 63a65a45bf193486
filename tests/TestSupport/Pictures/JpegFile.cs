using System.Buffers.Binary;

namespace ImagePipeline.TestSupport.Pictures;

/// <summary>A JPEG taken apart into its segments and put together differently.</summary>
public static class JpegFile
{
    /// <summary>A segment with its length.</summary>
    public static byte[] Segment(byte marker, ReadOnlySpan<byte> data, int? length = null)
    {
        var segment = new byte[data.Length + 4];
        (segment[0], segment[1]) = (0xFF, marker);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)(length ?? data.Length + 2));
        data.CopyTo(segment.AsSpan(4));
        return segment;
    }

    /// <summary>Puts segments in front of all others.</summary>
    public static byte[] With(byte[] file, params byte[][] segments) => [.. file[..2], .. segments.SelectMany(segment => segment), .. file[2..]];

    /// <summary>Leaves out the segments of some markers.</summary>
    public static byte[] Without(byte[] file, params byte[] markers)
    {
        List<byte> left = [.. file[..2]];
        var at = 2;
        while (file[at + 1] != 0xDA)
        {
            var next = at + 2 + BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at + 2));
            if (!markers.Contains(file[at + 1]))
                left.AddRange(file[at..next]);
            at = next;
        }
        return [.. left, .. file[at..]];
    }

    /// <summary>Where the frame header begins: marker, length, precision, height, width, components.</summary>
    public static int Frame(ReadOnlySpan<byte> file) => Find(file, marker => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC));

    /// <summary>Where the first scan begins.</summary>
    public static int Scan(ReadOnlySpan<byte> file) => Find(file, marker => marker == 0xDA);

    /// <summary>Where the data of the first scan begin.</summary>
    public static int ScanData(ReadOnlySpan<byte> file) => Scan(file) + 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(Scan(file) + 2)..]);

    /// <summary>Says another size in the frame header.</summary>
    public static byte[] Claiming(byte[] file, int width, int height)
    {
        var lie = file.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(lie.AsSpan(Frame(file) + 5), (ushort)height);
        BinaryPrimitives.WriteUInt16BigEndian(lie.AsSpan(Frame(file) + 7), (ushort)width);
        return lie;
    }

    static int Find(ReadOnlySpan<byte> file, Predicate<byte> wanted)
    {
        var at = 2;
        while (!wanted(file[at + 1]))
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
        return at;
    }
}
