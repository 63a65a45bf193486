using System.Buffers.Binary;
using System.IO.Compression;

namespace ImagePipeline.TestSupport.Pictures;

/// <summary>A PNG put together chunk by chunk, with what no encoder would write.</summary>
public static class PngFile
{
    static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Signature and chunks.</summary>
    public static byte[] Of(params byte[][] chunks) => [.. Signature, .. chunks.SelectMany(chunk => chunk)];

    /// <summary>The header chunk.</summary>
    public static byte[] Header(int width, int height, byte depth = 8, byte colours = 2, byte compression = 0, byte interlace = 0)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[10], header[12]) = (depth, colours, compression, interlace);
        return Chunk("IHDR"u8, header);
    }

    /// <summary>A chunk with its length and checksum.</summary>
    public static byte[] Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data, uint? length = null, bool isIntact = true)
    {
        byte[] typed = [.. type, .. data];
        var chunk = new byte[typed.Length + 8];
        BinaryPrimitives.WriteUInt32BigEndian(chunk, length ?? (uint)data.Length);
        typed.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(typed.Length + 4), isIntact ? Crc(typed) : ~Crc(typed));
        return chunk;
    }

    /// <summary>The end chunk.</summary>
    public static byte[] End { get; } = Chunk("IEND"u8, []);

    /// <summary>So many zeros, deflated: about a thousandth of them.</summary>
    public static byte[] Zeros(long count)
    {
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var zeros = new byte[65_536];
            for (; count > 0; count -= zeros.Length)
                deflate.Write(zeros, 0, (int)Math.Min(count, zeros.Length));
        }
        return packed.ToArray();
    }

    /// <summary>Puts chunks into a file, right after its header chunk.</summary>
    public static byte[] With(byte[] file, params byte[][] chunks)
    {
        const int afterHeader = 33;

        return [.. file[..afterHeader], .. chunks.SelectMany(chunk => chunk), .. file[afterHeader..]];
    }

    /// <summary>Where the first chunk of a type begins.</summary>
    public static int Find(ReadOnlySpan<byte> file, ReadOnlySpan<byte> type) => file.IndexOf(type) - 4;

    /// <summary>Writes the right checksum into a whole chunk.</summary>
    public static void Mend(Span<byte> chunk) => BinaryPrimitives.WriteUInt32BigEndian(chunk[^4..], Crc(chunk[4..^4]));

    static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }
        return ~crc;
    }
}
