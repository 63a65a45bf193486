using System.Buffers.Binary;
using System.Text;
using ImagePipeline.Contracts;

namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>
/// What a file is, by its first bytes alone: what the server or the file's name calls it is not asked. Cheap enough to be asked before
/// the rest of a body is read.
/// </summary>
static class FirstBytes
{
    /// <summary>How many bytes are enough for a sure answer; more are not looked at.</summary>
    public const int Enough = 1024;

    /// <exception cref="RejectedException">Nothing there, not a picture, or a picture in a format that is not accepted.</exception>
    public static PhotoFormat Recognize(ReadOnlySpan<byte> file)
    {
        if (file.IsEmpty)
            throw new RejectedException(PhotoRejection.Empty, "The file has no bytes.");

        var head = file[..Math.Min(file.Length, Enough)];
        if (head.StartsWith<byte>([0xFF, 0xD8, 0xFF]))
            return PhotoFormat.Jpeg;
        if (head.StartsWith<byte>([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
            return PhotoFormat.Png;
        if (head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8))
            return PhotoFormat.Gif;
        if (head.StartsWith("RIFF"u8) && Has(head, 8, "WEBP"u8))
            return PhotoFormat.WebP;

        throw UnsupportedFormat(head) is { } name
            ? new RejectedException(
                PhotoRejection.UnsupportedFormat, $"The picture's format is {name}; JPEG, PNG, WebP and GIF are accepted.")
            : new RejectedException(PhotoRejection.NotAnImage, $"The file is {WhatElse(head)}, not a picture.");
    }

    /// <summary>The media type of an accepted format.</summary>
    public static string ContentType(PhotoFormat format) => format switch
    {
        PhotoFormat.Jpeg => "image/jpeg",
        PhotoFormat.Png => "image/png",
        PhotoFormat.WebP => "image/webp",
        PhotoFormat.Gif => "image/gif",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    static string? UnsupportedFormat(ReadOnlySpan<byte> head)
    {
        if (Has(head, 4, "ftyp"u8))
            return IsoBrand(head);
        if (head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8) || head.StartsWith("II+\0"u8) || head.StartsWith("MM\0+"u8))
            return "TIFF or a camera's raw format";
        if (head.StartsWith("BM"u8) && IsBitmapHeader(head))
            return "BMP";
        if (head.StartsWith("%PDF-"u8))
            return "PDF";
        if (head.StartsWith("8BPS"u8))
            return "PSD";
        if (head.StartsWith("%!PS"u8))
            return "PostScript";
        if (head.StartsWith<byte>([0, 0, 1, 0]) && head.Length > 5 && head[5] == 0 && head[4] != 0)
            return "ICO";
        if (head.StartsWith<byte>([0xFF, 0x0A]) || Has(head, 4, "JXL \r\n"u8))
            return "JPEG XL";
        if (head.StartsWith<byte>([0xFF, 0x4F, 0xFF, 0x51]) || Has(head, 4, "jP  \r\n"u8))
            return "JPEG 2000";
        return IsText(head) && Text(head).Contains("<svg", StringComparison.OrdinalIgnoreCase) && !IsHtml(head) ? "SVG" : null;
    }

    /// <summary>Null for the brands that are not pictures: the same box opens a video.</summary>
    static string? IsoBrand(ReadOnlySpan<byte> head) =>
        Has(head, 8, "avif"u8) || Has(head, 8, "avis"u8) ? "AVIF"
        : Has(head, 8, "hei"u8) || Has(head, 8, "hev"u8) || Has(head, 8, "mif1"u8) || Has(head, 8, "msf1"u8) ? "HEIC"
        : null;

    /// <summary>"BM" alone also begins many a sentence, so the size of the header that follows must be one that exists.</summary>
    static bool IsBitmapHeader(ReadOnlySpan<byte> head) =>
        head.Length >= 18 && BinaryPrimitives.ReadUInt32LittleEndian(head[14..]) is 12 or 16 or 40 or 52 or 56 or 64 or 108 or 124;

    static string WhatElse(ReadOnlySpan<byte> head) =>
        Has(head, 4, "ftyp"u8) ? "a video"
        : !IsText(head) ? "data of an unknown kind"
        : IsHtml(head) ? "an HTML page"
        : Text(head).TrimStart('\uFEFF', ' ', '\t', '\r', '\n').StartsWith('{') ? "a JSON document"
        : "text";

    static bool IsHtml(ReadOnlySpan<byte> head)
    {
        var text = Text(head);
        return text.Contains("<!doctype html", StringComparison.OrdinalIgnoreCase) || text.Contains("<html", StringComparison.OrdinalIgnoreCase)
            || text.Contains("<body", StringComparison.OrdinalIgnoreCase);
    }

    static bool IsText(ReadOnlySpan<byte> head) => !head.ContainsAnyInRange((byte)0, (byte)8) && !head.ContainsAnyInRange((byte)14, (byte)31);

    static string Text(ReadOnlySpan<byte> head) => Encoding.UTF8.GetString(head);

    static bool Has(ReadOnlySpan<byte> head, int at, ReadOnlySpan<byte> bytes) => head.Length > at && head[at..].StartsWith(bytes);
}
