using System.Buffers.Binary;
using System.Text;
using System.Xml;

namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>
/// The copyright notice of a photo, read from its metadata before the renditions lose it. EXIF first, then IPTC, then XMP: the order of
/// the Metadata Working Group. Metadata that cannot be read counts as absent: it says nothing about the pixels.
/// </summary>
static class CopyrightText
{
    /// <summary>Longer notices are cut: the text is kept in an object's metadata, of which S3 takes 2 KB.</summary>
    public const int MaxCharacters = 300;

    /// <summary>The TIFF structure that holds EXIF, with or without the JPEG prefix before it.</summary>
    public static string? FromExif(ReadOnlySpan<byte> exif)
    {
        const ushort copyrightTag = 0x8298, ascii = 2;

        var tiff = exif.StartsWith("Exif\0\0"u8) ? exif[6..] : exif;
        if (tiff.Length < 8)
            return null;
        var bigEndian = tiff[0] == 'M';
        var directory = Number32(tiff[4..], bigEndian);
        if (directory > tiff.Length - 2)
            return null;

        var entries = tiff[((int)directory + 2)..];
        for (int left = Number16(tiff[(int)directory..], bigEndian); left > 0 && entries.Length >= 12; left--, entries = entries[12..])
        {
            if (Number16(entries, bigEndian) != copyrightTag || Number16(entries[2..], bigEndian) != ascii)
                continue;
            var length = Number32(entries[4..], bigEndian);
            if (length <= 4)
                return Clean(entries.Slice(8, (int)length));
            var offset = Number32(entries[8..], bigEndian);
            return (long)offset + length > tiff.Length ? null : Clean(tiff.Slice((int)offset, (int)length));
        }

        return null;
    }

    /// <summary>A Photoshop resource block, the form in which JPEG carries IPTC.</summary>
    public static string? FromIptc(ReadOnlySpan<byte> photoshop)
    {
        const ushort iptcResource = 0x0404;

        var rest = photoshop.StartsWith("Photoshop 3.0\0"u8) ? photoshop[14..] : photoshop;
        while (rest.Length >= 12 && rest.StartsWith("8BIM"u8))
        {
            var name = Even(1 + rest[6]);
            if (rest.Length < 6 + name + 4)
                return null;
            var length = Number32(rest[(6 + name)..], bigEndian: true);
            var data = rest[(10 + name)..];
            if (length > data.Length)
                return null;
            if (Number16(rest[4..], bigEndian: true) == iptcResource)
                return FromIptcRecords(data[..(int)length]);
            rest = data[Math.Min(data.Length, Even((int)length))..];
        }

        return null;
    }

    /// <summary>An XMP packet: <c>dc:rights</c>, the first language in it.</summary>
    public static string? FromXmp(ReadOnlySpan<byte> packet)
    {
        const string dublinCore = "http://purl.org/dc/elements/1.1/";

        if (packet.IndexOf("rights"u8) < 0)
            return null;
        try
        {
            using var text = new StringReader(Encoding.UTF8.GetString(packet).Trim('\uFEFF', '\0', ' ', '\r', '\n'));
            // The packet comes from strangers: no document type, no entities, nothing fetched.
            using var xml = XmlReader.Create(text, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            if (!xml.ReadToFollowing("rights", dublinCore))
                return null;
            using var rights = xml.ReadSubtree();
            while (rights.Read())
            {
                if (rights.NodeType == XmlNodeType.Text && Clean(rights.Value) is { } notice)
                    return notice;
            }
        }
        catch (XmlException)
        {
            // Broken XMP is common and harmless.
        }

        return null;
    }

    static string? FromIptcRecords(ReadOnlySpan<byte> records)
    {
        const byte mark = 0x1C, application = 2, copyrightNotice = 116;

        while (records.Length >= 5 && records[0] == mark)
        {
            var length = Number16(records[3..], bigEndian: true);
            if (length > records.Length - 5)
                return null;
            if (records[1] == application && records[2] == copyrightNotice)
                return Clean(records.Slice(5, length));
            records = records[(5 + length)..];
        }

        return null;
    }

    /// <summary>UTF-8 where it is valid, else Latin-1: EXIF and IPTC name no encoding that writers keep to.</summary>
    static string? Clean(ReadOnlySpan<byte> bytes)
    {
        var valid = System.Text.Unicode.Utf8.IsValid(bytes);
        return Clean((valid ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes));
    }

    /// <summary>EXIF puts photographer and editor into one value, with a zero between them.</summary>
    static string? Clean(string text)
    {
        var parts = text.Split('\0', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var line = string.Join("; ", parts);
        line = string.Concat(line.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        if (line.Length > MaxCharacters)
            line = line[..(char.IsHighSurrogate(line[MaxCharacters - 1]) ? MaxCharacters - 1 : MaxCharacters)];
        return line.Length == 0 ? null : line;
    }

    static int Even(int length) => length + (length & 1);

    static ushort Number16(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    static uint Number32(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
