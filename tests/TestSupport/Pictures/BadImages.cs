using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ImagePipeline.Contracts;
using NetVips;
using static ImagePipeline.Contracts.PhotoRejection;

namespace ImagePipeline.TestSupport.Pictures;

/// <summary>
/// Files from hell, each made here: bombs, lies, cuts, and files that are two things at once. NetVips makes the good files that they begin as; nobody blocks its
/// encoders.
/// </summary>
public static class BadImages
{
    const int Width = 240, Height = 160;

    static readonly Lazy<IReadOnlyList<BadImage>> Made = new(() => [.. Make()]);

    /// <summary>All of them, always the same.</summary>
    public static IReadOnlyList<BadImage> All => Made.Value;

    /// <summary>Red, green, blue and sand from the top left to the bottom right, as a file of each format.</summary>
    public static IReadOnlyDictionary<string, byte[]> Good { get; } = MakeGood();

    /// <summary>The colours of the four quadrants.</summary>
    public static IReadOnlyList<double[]> Quadrants { get; } = [[200, 40, 40], [40, 160, 60], [40, 60, 200], [220, 200, 150]];

    static Dictionary<string, byte[]> MakeGood()
    {
        double[][] colours = [[200, 40, 40], [40, 160, 60], [40, 60, 200], [220, 200, 150]];
        var parts = colours.Select(colour =>
        {
            using var black = Image.Black(Width / 2, Height / 2, bands: 3);
            // A little noise, so that every part of a file matters.
            using var noise = Image.Gaussnoise(Width / 2, Height / 2, sigma: 4, mean: 0, seed: (int)colour[0]);
            using var noisy = black + noise;
            using var filled = noisy.Linear([1, 1, 1], colour, uchar: true);
            return filled.CopyMemory();
        }).ToArray();
        using var joined = Image.Arrayjoin(parts, across: 2);
        using var picture = joined.Copy(interpretation: Enums.Interpretation.Srgb);
        using var deep = picture.Colourspace(Enums.Interpretation.Rgb16);
        return new()
        {
            ["jpeg"] = picture.JpegsaveBuffer(q: 90),
            ["progressive"] = picture.JpegsaveBuffer(q: 90, interlace: true),
            ["png"] = picture.PngsaveBuffer(),
            ["interlaced"] = picture.PngsaveBuffer(interlace: true),
            ["deep"] = deep.PngsaveBuffer(),
            ["palette"] = picture.PngsaveBuffer(palette: true),
            ["webp"] = picture.WebpsaveBuffer(q: 90),
            ["lossless"] = picture.WebpsaveBuffer(lossless: true),
            ["gif"] = picture.GifsaveBuffer(),
        };
    }

    static IEnumerable<BadImage> Make() =>
        [.. Cut(), .. Bombs(), .. OtherFiles(), .. TwoThingsAtOnce(), .. BadJpegs(), .. BadMetadata(), .. BadPngs(), .. BadGifs(), .. BadWebPs(), .. Sizes()];

    static BadImage Bad(string kind, byte[] file, params PhotoRejection[] rejections) => new(kind, kind, file, rejections);

    static BadImage Shown(string kind, byte[] file, int width = Width, int height = Height) =>
        new(kind, kind, file) { Size = (width, height), ShowsQuadrants = (width, height) == (Width, Height) };

    static IEnumerable<BadImage> Cut() =>
        from good in Good
        from tenth in Enumerable.Range(1, 9)
        select new BadImage($"{good.Key} cut off", $"{good.Key} cut off at {tenth} tenths", good.Value[..(good.Value.Length * tenth / 10)], Truncated);

    static IEnumerable<BadImage> Bombs()
    {
        var (jpeg, progressive) = (Good["jpeg"], Good["progressive"]);
        yield return Bad("JPEG of 4,290 megapixels by its header", JpegFile.Claiming(jpeg, 65_500, 65_500), TooManyPixels);
        yield return Bad("JPEG of 64 megapixels by its header", JpegFile.Claiming(jpeg, 8_000, 8_000), TooManyPixels);
        yield return Bad("progressive giant by its header", JpegFile.Claiming(progressive, 6_000, 6_000), TooManyPixels);
        using (var plain = Image.Black(5_200, 5_200))
            yield return Bad("progressive giant of one colour", plain.JpegsaveBuffer(q: 20, interlace: true), TooManyPixels);
        yield return Bad("JPEG of 3,000 scans", Scans(progressive, 3_000), TooManyPixels);
        yield return Bad("PNG of 900 megapixels by its header", PngFile.Of(PngFile.Header(30_000, 30_000), PngFile.Chunk("IDAT"u8, PngFile.Zeros(1_000)), PngFile.End), TooManyPixels);
        using (var plain = Image.Black(16_000, 16_000))
            yield return Bad("PNG of 256 megapixels of one colour", plain.PngsaveBuffer(bitdepth: 1), TooManyPixels);
        yield return Bad("interlaced PNG giant", PngFile.Of(PngFile.Header(6_000, 6_000, interlace: 1), PngFile.Chunk("IDAT"u8, PngFile.Zeros(108_000_000)), PngFile.End), TooManyPixels);
        // Encoders of old wrote the screen's size there: the decoder takes the frame's in place of one that is absurd.
        yield return Shown("GIF with a canvas of 4,290 megapixels", Canvas(Good["gif"], 65_535, 65_535));
        yield return Bad("GIF of 3,000 frames", Animation(3_000).GifsaveBuffer(), TooManyPixels);
        yield return Bad("WebP of 1,000 frames", Animation(1_000).WebpsaveBuffer(lossless: true), TooManyPixels);
        using (var plain = Image.Black(6_000, 6_000, bands: 3))
            yield return Bad("WebP of 36 megapixels of one colour", plain.WebpsaveBuffer(lossless: true), TooManyPixels);
        // As large as is allowed: these take all the memory there is for them.
        using (var plain = Image.Black(4_990, 4_990, bands: 3))
        {
            yield return Shown("progressive JPEG of 25 megapixels", plain.JpegsaveBuffer(interlace: true, subsampleMode: Enums.ForeignSubsample.Off), 4_990, 4_990);
            yield return Shown("interlaced PNG of 25 megapixels", plain.PngsaveBuffer(interlace: true, compression: 1), 4_990, 4_990);
            yield return Shown("WebP of 25 megapixels", plain.WebpsaveBuffer(lossless: true, effort: 0), 4_990, 4_990);
        }
        using (var plain = Image.Black(7_000, 7_000, bands: 3))
            yield return Shown("JPEG of 49 megapixels", plain.JpegsaveBuffer(), 7_000, 7_000);
        yield return Shown("animated PNG of 100,000 frames by its header", PngFile.With(Good["png"], PngFile.Chunk("acTL"u8, [0, 1, 0x86, 0xA0, 0, 0, 0, 0])));
    }

    static IEnumerable<BadImage> OtherFiles()
    {
        yield return Bad("nothing", [], Empty);
        yield return Bad("one byte", [0xFF], NotAnImage);
        yield return Bad("the first three bytes of a JPEG", [0xFF, 0xD8, 0xFF], Truncated);
        yield return Bad("a megabyte of zeros", new byte[1 << 20], NotAnImage);
        yield return Bad("a megabyte of FF after a JPEG's beginning", [0xFF, 0xD8, .. Enumerable.Repeat((byte)0xFF, 1 << 20)], Truncated, Corrupt);
        yield return Bad("noise", Noise(50_000), NotAnImage);
        yield return Bad("noise after a JPEG's beginning", [0xFF, 0xD8, 0xFF, .. Noise(50_000)], Corrupt, Truncated);
        yield return Bad("SVG", Text("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"/>"), UnsupportedFormat);
        yield return Bad("SVG that reads a file", Text("<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><svg xmlns=\"http://www.w3.org/2000/svg\"><text>&x;</text></svg>"), UnsupportedFormat);
        yield return Bad("packed SVG", Packed("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), NotAnImage);
        yield return Bad("HTML page", Text("<!DOCTYPE html><html><body>Sign in</body></html>"), NotAnImage);
        yield return Bad("HTML page in UTF-16", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("<html><body>Sign in</body></html>")], NotAnImage);
        yield return Bad("XML error", Text("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"), NotAnImage);
        yield return Bad("JSON error", Text("{\"error\":\"expired\"}"), NotAnImage);
        yield return Bad("BMP", [.. "BM"u8, .. new byte[12], 40, .. new byte[200]], UnsupportedFormat);
        yield return Bad("TIFF", Picture().TiffsaveBuffer(), UnsupportedFormat);
        yield return Bad("HEIC", [0, 0, 0, 24, .. "ftypheic"u8, .. new byte[200]], UnsupportedFormat);
        yield return Bad("AVIF", [0, 0, 0, 24, .. "ftypavif"u8, .. new byte[200]], UnsupportedFormat);
        yield return Bad("ICO", [0, 0, 1, 0, 1, 0, 16, 16, .. new byte[200]], UnsupportedFormat);
        yield return Bad("JPEG XL", [0xFF, 0x0A, .. new byte[200]], UnsupportedFormat);
        yield return Bad("JPEG 2000", [0, 0, 0, 12, .. "jP  \r\n"u8, 0x87, 0x0A, .. new byte[200]], UnsupportedFormat);
        yield return Bad("PSD", [.. "8BPS"u8, 0, 1, .. new byte[200]], UnsupportedFormat);
        yield return Bad("PDF", Text("%PDF-1.7\n1 0 obj"), UnsupportedFormat);
        yield return Bad("video", [0, 0, 0, 24, .. "ftypisom"u8, .. new byte[200]], NotAnImage);
        yield return Bad("ZIP", [.. "PK\u0003\u0004"u8, .. new byte[200]], NotAnImage);
        yield return Bad("tar", [.. "photo.jpg"u8, .. new byte[248], .. "ustar"u8, .. new byte[250]], NotAnImage);
        yield return Bad("program", [0x7F, .. "ELF"u8, .. new byte[200]], NotAnImage);
    }

    static IEnumerable<BadImage> TwoThingsAtOnce()
    {
        var jpeg = Good["jpeg"];
        yield return Shown("JPEG with a ZIP behind it", [.. jpeg, .. "PK\u0003\u0004"u8, .. Noise(2_000)]);
        yield return Shown("JPEG with a page in it and behind it", [.. JpegFile.With(jpeg, JpegFile.Segment(0xFE, "<html><script>alert(1)</script>"u8)), .. "<html><body>"u8]);
        yield return Shown("GIF with a script behind it", [.. Good["gif"], .. "=1;alert(1);"u8]);
        yield return Shown("PNG with a PHP script in it", PngFile.With(Good["png"], PngFile.Chunk("tEXt"u8, "c\0<?php system($_GET[0]); ?>"u8)));
        yield return Shown("JPEG behind a JPEG", [.. jpeg, .. Good["progressive"]]);
        yield return Bad("page with a JPEG behind it", [.. "<html><body>"u8, .. jpeg], NotAnImage);
        yield return Bad("PDF with a JPEG in it", [.. "%PDF-1.4\n"u8, .. jpeg], UnsupportedFormat);
        yield return Bad("JPEG behind a JPEG's beginning", [0xFF, 0xD8, .. jpeg], Corrupt);
        yield return Bad("JPEG without its beginning", jpeg[2..], NotAnImage);
        yield return Bad("PNG that went through a text transfer", [.. Good["png"].Select(b => b == '\r' ? (byte)'\n' : b)], NotAnImage);
    }

    static IEnumerable<BadImage> BadJpegs()
    {
        var (jpeg, progressive) = (Good["jpeg"], Good["progressive"]);
        var (frame, data) = (JpegFile.Frame(jpeg), JpegFile.ScanData(jpeg));
        yield return Bad("JPEG whose header promises twice the height", JpegFile.Claiming(jpeg, Width, 2 * Height), Corrupt);
        yield return Bad("JPEG whose header promises twice the width", JpegFile.Claiming(jpeg, 2 * Width, Height), Corrupt);
        // Nothing tells this lie from the truth: every decoder shows it like that.
        yield return Shown("JPEG whose header admits half of the width", JpegFile.Claiming(jpeg, Width / 2, Height), Width / 2, Height);
        yield return Bad("JPEG that says no height until its end", [.. JpegFile.Claiming(jpeg, Width, 0)[..^2], .. JpegFile.Segment(0xDC, [0, Height]), 0xFF, 0xD9], Corrupt);
        yield return Bad("JPEG of no width", JpegFile.Claiming(jpeg, 0, Height), Corrupt);
        yield return Bad("JPEG without components", Patched(jpeg, frame + 9, 0), Corrupt);
        yield return Bad("JPEG of five components", Patched(jpeg, frame + 9, 5), Corrupt);
        yield return Bad("JPEG of 12 bits by its header", Patched(jpeg, frame + 4, 12), UnsupportedFormat);
        yield return Bad("JPEG coded arithmetically by its header", Patched(jpeg, frame + 1, 0xC9), UnsupportedFormat);
        yield return Bad("lossless JPEG by its header", Patched(jpeg, frame + 1, 0xC3), UnsupportedFormat);
        yield return Bad("JPEG with impossible sampling", Patched(jpeg, frame + 11, 0x00), Corrupt);
        yield return Bad("JPEG without quantization tables", JpegFile.Without(jpeg, 0xDB), Corrupt);
        yield return Bad("progressive JPEG without Huffman tables", JpegFile.Without(progressive, 0xC4), Corrupt);
        yield return Shown("JPEG without Huffman tables, as motion JPEG has them", JpegFile.Without(jpeg, 0xC4));
        yield return Bad("JPEG without a frame header", JpegFile.Without(jpeg, 0xC0), Corrupt);
        yield return Bad("JPEG with two frame headers", [.. jpeg[..frame], .. jpeg[frame..(frame + 19)], .. jpeg[frame..]], Corrupt);
        yield return Bad("JPEG without scans", [.. jpeg[..JpegFile.Scan(jpeg)], 0xFF, 0xD9], Corrupt);
        yield return Bad("JPEG whose scan is empty", [.. jpeg[..data], 0xFF, 0xD9], Corrupt);
        yield return Bad("JPEG that stops in the middle and ends well", [.. jpeg[..((data + jpeg.Length) / 2)], 0xFF, 0xD9], Corrupt);
        yield return Bad("JPEG with noise in its scan", Overwritten(jpeg, (data + jpeg.Length) / 2, Noise(300)), Corrupt);
        yield return Bad("progressive JPEG with noise in a scan", Overwritten(progressive, progressive.Length / 2, Noise(300)), Corrupt);
        yield return Bad("JPEG with zeros in its scan", Overwritten(jpeg, (data + jpeg.Length) / 2, new byte[1_000]), Corrupt);
        yield return Bad("JPEG with a segment longer than itself", JpegFile.With(jpeg, JpegFile.Segment(0xE1, "Exif\0\0"u8, length: 65_535)), Corrupt, Truncated);
        yield return Bad("JPEG with a segment shorter than its length", JpegFile.With(jpeg, [0xFF, 0xDB, 0, 0]), Corrupt);
        yield return Bad("JPEG without its end mark", jpeg[..^2], Truncated);
        yield return Shown("JPEG with padding before its end mark", [.. jpeg[..^2], .. new byte[40], 0xFF, 0xD9]);
        yield return Shown("JPEG with a hundred fill bytes before each segment", JpegFile.With(jpeg, [.. Enumerable.Repeat((byte)0xFF, 100)]));
        yield return Shown("JPEG of a JFIF version to come", Patched(jpeg, 11, 9));
        yield return Shown("progressive JPEG with padding before its end mark", [.. progressive[..^2], .. new byte[40], 0xFF, 0xD9]);
        yield return Shown("progressive JPEG with padding between its segments", [.. progressive[..20], 0, 0, 0, .. progressive[20..]]);
        yield return Shown("progressive JPEG of a JFIF version to come", Patched(progressive, 11, 9));
        yield return Bad("progressive JPEG whose second scan is not marked", WithoutMark(progressive, 0xDA), Corrupt);
        yield return Bad("progressive JPEG whose last scan ends in zeros", Overwritten(progressive, progressive.Length - 400, new byte[378]), Corrupt);
    }

    static IEnumerable<BadImage> BadMetadata()
    {
        var jpeg = Good["jpeg"];
        yield return Shown("JPEG with noise for a colour profile", JpegFile.With(jpeg, JpegFile.Segment(0xE2, [.. "ICC_PROFILE\0"u8, 1, 1, .. Noise(3_000)])));
        yield return Shown("JPEG with a colour profile of 4 MB", JpegFile.With(
            jpeg, [.. Enumerable.Range(1, 64).Select(n => JpegFile.Segment(0xE2, [.. "ICC_PROFILE\0"u8, (byte)n, 64, .. new byte[65_000]]))]));
        yield return Shown("JPEG with parts of a colour profile missing", JpegFile.With(jpeg, JpegFile.Segment(0xE2, [.. "ICC_PROFILE\0"u8, 7, 9, .. new byte[300]])));
        yield return Shown("JPEG with the profile of a printer", JpegFile.With(jpeg, JpegFile.Segment(0xE2, [.. "ICC_PROFILE\0"u8, 1, 1, .. PrinterProfile()])));
        yield return Shown("JPEG whose EXIF leads back to itself", WithExif(jpeg, Directory(8, (0x8769, 4, 1, 8))));
        yield return Shown("JPEG whose EXIF points beyond the file", WithExif(jpeg, Directory(0, (0x010E, 2, 5_000, 0x7FFFFFF0), (0x8769, 4, 1, 0x7FFFFFFF))));
        yield return Shown("JPEG whose EXIF counts four billion values", WithExif(jpeg, Directory(0, (0x010F, 2, uint.MaxValue, 8), (0x9286, 7, uint.MaxValue, 8))));
        yield return Shown("JPEG whose EXIF has 65,535 entries by its count", WithExif(jpeg, [.. "II*\0"u8, 8, 0, 0, 0, 0xFF, 0xFF]));
        yield return Shown("JPEG with noise for EXIF", WithExif(jpeg, Noise(2_000)));
        yield return Shown("JPEG whose orientation is 99", WithExif(jpeg, Directory(0, (0x0112, 3, 1, 99))));
        yield return Shown("JPEG with a bad thumbnail in its EXIF", WithExif(
            jpeg, [.. Directory(0, (0x0201, 4, 1, 60), (0x0202, 4, 1, 5_000)), .. new byte[22], 0xFF, 0xD8, 0xFF, 0xDA, .. Noise(3_000)]));
        yield return Shown("JPEG with XMP that explodes", JpegFile.With(jpeg, JpegFile.Segment(0xE1, [
            .. "http://ns.adobe.com/xap/1.0/\0<!DOCTYPE r [<!ENTITY a \"rights\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><r xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:rights>&c;</dc:rights></r>"u8])));
        yield return Shown("JPEG with 200 comments of 60 KB", JpegFile.With(jpeg, [.. Enumerable.Range(0, 200).Select(_ => JpegFile.Segment(0xFE, new byte[60_000]))]));
        yield return Shown("PNG with a compressed text of 200 MB", PngFile.With(Good["png"], PngFile.Chunk("zTXt"u8, [.. "Comment\0\0"u8, .. PngFile.Zeros(200_000_000)])));
        yield return Shown("PNG with a colour profile of 200 MB", PngFile.With(Good["png"], PngFile.Chunk("iCCP"u8, [.. "icc\0\0"u8, .. PngFile.Zeros(200_000_000)])));
        yield return Shown("PNG with a thousand compressed texts", PngFile.With(
            Good["png"], [.. Enumerable.Range(0, 1_000).Select(n => PngFile.Chunk("zTXt"u8, [.. Text($"k{n}"), 0, 0, .. PngFile.Zeros(100_000)]))]));
        yield return Shown("PNG with noise for EXIF", PngFile.With(Good["png"], PngFile.Chunk("eXIf"u8, Noise(500))));
        yield return Shown("WebP with noise for EXIF", WithChunk(Good["lossless"], "EXIF"u8, Noise(500), 0x08));
        yield return Shown("WebP with noise for a colour profile", WithChunk(Good["lossless"], "ICCP"u8, Noise(500), 0x20));
    }

    static IEnumerable<BadImage> BadPngs()
    {
        var png = Good["png"];
        var (pixels, text) = (PngFile.Find(png, "IDAT"u8), PngFile.Chunk("tEXt"u8, "a\0b"u8, isIntact: false));
        yield return Bad("PNG that promises more pixels than it has", PngFile.Of(PngFile.Header(1_000, 1_000), PngFile.Chunk("IDAT"u8, PngFile.Zeros(1_000)), PngFile.End), Corrupt);
        yield return Shown("PNG that has a hundred megabytes more than it promises", PngFile.Of(PngFile.Header(100, 100), PngFile.Chunk("IDAT"u8, PngFile.Zeros(100_000_000)), PngFile.End), 100, 100);
        yield return Bad("PNG with a chunk of two gigabytes", PngFile.With(png, PngFile.Chunk("tEXt"u8, "a\0b"u8, length: 0x7FFFFFFF)), Truncated);
        yield return Bad("PNG with a chunk of four gigabytes", PngFile.With(png, PngFile.Chunk("tEXt"u8, "a\0b"u8, length: 0xFFFFFFFF)), Truncated, Corrupt);
        yield return Bad("PNG whose pixels have a wrong checksum", Patched(png, pixels + 20, (byte)~png[pixels + 20]), Corrupt);
        yield return Bad("PNG whose header has a wrong checksum", Patched(png, 29, (byte)~png[29]), Corrupt);
        yield return Shown("PNG whose text has a wrong checksum", PngFile.With(png, text));
        yield return Bad("PNG without pixels", PngFile.Of(PngFile.Header(100, 100), PngFile.End), Corrupt);
        yield return Bad("PNG with palette colours and no palette", PngFile.Of(PngFile.Header(100, 100, colours: 3), PngFile.Chunk("IDAT"u8, PngFile.Zeros(10_100)), PngFile.End), Corrupt);
        yield return Bad("PNG of no width", PngFile.Of(PngFile.Header(0, 100), PngFile.Chunk("IDAT"u8, PngFile.Zeros(100)), PngFile.End), Corrupt);
        yield return Bad("PNG of a negative width", PngFile.Of(PngFile.Header(-100, 100), PngFile.Chunk("IDAT"u8, PngFile.Zeros(100)), PngFile.End), Corrupt, TooManyPixels);
        yield return Bad("PNG of an impossible depth", PngFile.Of(PngFile.Header(100, 100, depth: 7), PngFile.Chunk("IDAT"u8, PngFile.Zeros(100)), PngFile.End), Corrupt);
        yield return Bad("PNG of an impossible kind of colour", PngFile.Of(PngFile.Header(100, 100, colours: 5), PngFile.Chunk("IDAT"u8, PngFile.Zeros(100)), PngFile.End), Corrupt);
        yield return Bad("PNG of an unknown compression", PngFile.Of(PngFile.Header(100, 100, compression: 9), PngFile.Chunk("IDAT"u8, PngFile.Zeros(40_000)), PngFile.End), Corrupt);
        yield return Bad("PNG without a header", [.. PngFile.Of(PngFile.Chunk("IDAT"u8, PngFile.Zeros(100)), PngFile.End)], Corrupt);
        yield return Bad("PNG with two headers", PngFile.With(png, PngFile.Header(5, 5)), Corrupt);
        yield return Bad("PNG with noise for pixels", PngFile.Of(PngFile.Header(100, 100), PngFile.Chunk("IDAT"u8, Noise(30_000)), PngFile.End), Corrupt);
        yield return Bad("PNG with an unknown chunk that must be understood", PngFile.With(png, PngFile.Chunk("ABCD"u8, "?"u8)), Corrupt);
    }

    static IEnumerable<BadImage> BadGifs()
    {
        var gif = Good["gif"];
        yield return Bad("GIF without frames", [.. gif[..(13 + (3 << ((gif[10] & 7) + 1)))], 0x3B], Corrupt, Truncated);
        yield return Bad("GIF with noise after its header", [.. gif[..13], .. Noise(3_000)], Corrupt, Truncated);
        yield return Shown("GIF of no width by its header, with a frame that has one", Canvas(gif, 0, 0));
    }

    static IEnumerable<BadImage> BadWebPs()
    {
        var (webp, lossless) = (Good["webp"], Good["lossless"]);
        yield return Bad("WebP that says it is longer than it is", Length(webp, webp.Length + 5_000), Truncated);
        yield return Bad("WebP that says it is shorter than it is", Length(webp, webp.Length / 2), Corrupt, Truncated);
        yield return Bad("WebP with noise in its picture", Overwritten(lossless, lossless.Length / 3, Noise(600)), Corrupt);
        yield return Bad("WebP without a picture", [.. "RIFF"u8, 4, 0, 0, 0, .. "WEBP"u8], Corrupt, Truncated);
        yield return Bad("WebP whose canvas is larger than its picture", Extended(lossless, 4_000, 4_000), Corrupt);
        yield return Bad("WebP with a canvas of 268 megapixels", Extended(lossless, 16_384, 16_384), TooManyPixels, Corrupt);
    }

    static IEnumerable<BadImage> Sizes()
    {
        yield return Shown("one pixel as a JPEG", Plain(1, 1).JpegsaveBuffer(), 1, 1);
        yield return Shown("one pixel as a PNG", Plain(1, 1).PngsaveBuffer(), 1, 1);
        yield return Shown("one pixel as a WebP", Plain(1, 1).WebpsaveBuffer(), 1, 1);
        yield return Shown("one pixel as a GIF", Plain(1, 1).GifsaveBuffer(), 1, 1);
        yield return Bad("1 by 60,000 as a JPEG", Plain(1, 60_000).JpegsaveBuffer(), TooManyPixels);
        yield return Bad("60,000 by 1 as a JPEG", Plain(60_000, 1).JpegsaveBuffer(), TooManyPixels);
        yield return Bad("1 by 60,000 as a PNG", Plain(1, 60_000).PngsaveBuffer(), TooManyPixels);
        yield return Bad("60,000 by 1 as a PNG", Plain(60_000, 1).PngsaveBuffer(), TooManyPixels);
        yield return Shown("the longest side as a JPEG", Plain(16_383, 2).JpegsaveBuffer(), 16_383, 2);
        yield return Shown("the tallest side as a PNG", Plain(1, 16_383).PngsaveBuffer(), 1, 16_383);
        yield return Bad("one pixel too long as a JPEG", Plain(16_384, 2).JpegsaveBuffer(), TooManyPixels);
        yield return Shown("the longest side as a WebP", Plain(16_383, 2).WebpsaveBuffer(), 16_383, 2);
    }

    static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    static byte[] Noise(int length)
    {
        var noise = new byte[length];
        new Random(length).NextBytes(noise);
        return noise;
    }

    static byte[] Packed(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(Text(text));
        return packed.ToArray();
    }

    static Image Plain(int width, int height)
    {
        using var black = Image.Black(width, height, bands: 3);
        using var grey = black.Linear([1, 1, 1], [90, 90, 90], uchar: true);
        return grey.Copy(interpretation: Enums.Interpretation.Srgb);
    }

    static Image Picture() => Image.NewFromBuffer(Good["png"]);

    static Image Animation(int frames)
    {
        using var noise = Image.Gaussnoise(4, 4 * frames, sigma: 60, mean: 128, seed: 1);
        using var bytes = noise.Cast(Enums.BandFormat.Uchar);
        using var colours = bytes.Bandjoin(bytes, bytes);
        using var picture = colours.Copy(interpretation: Enums.Interpretation.Srgb);
        return picture.Mutate(mutable => mutable.Set(GValue.GIntType, "page-height", 4));
    }

    /// <summary>Zeros in place of the second marker of this kind: what it marks belongs to nothing.</summary>
    static byte[] WithoutMark(byte[] file, byte marker)
    {
        var first = file.AsSpan().IndexOf([(byte)0xFF, marker]);
        return Overwritten(file, first + 2 + file.AsSpan(first + 2).IndexOf([(byte)0xFF, marker]), [0, 0]);
    }

    static byte[] Patched(byte[] file, int at, byte value)
    {
        var patched = file.ToArray();
        patched[at] = value;
        return patched;
    }

    static byte[] Overwritten(byte[] file, int at, byte[] with)
    {
        var damaged = file.ToArray();
        with.AsSpan(0, Math.Min(with.Length, file.Length - at - 20)).CopyTo(damaged.AsSpan(at));
        return damaged;
    }

    /// <summary>The last scan again and again: each refines one coefficient of one component once more.</summary>
    static byte[] Scans(byte[] progressive, int count)
    {
        // One scan of one component's highest coefficients, all blocks skipped by end-of-band runs.
        var end = progressive.Length - 2;
        var tables = JpegFile.Segment(0xC4, [0x10, 1, .. new byte[15], 0xE0]);
        var scan = JpegFile.Segment(0xDA, [1, 1, 0x00, 63, 63, 0x00]);
        byte[] data = [0x00, 0x00, 0x00, 0x7F];
        return [.. progressive[..end], .. tables, .. Enumerable.Range(0, count).SelectMany(_ => scan.Concat(data)), 0xFF, 0xD9];
    }

    static byte[] Canvas(byte[] gif, int width, int height)
    {
        var lie = gif.ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(lie.AsSpan(6), (ushort)width);
        BinaryPrimitives.WriteUInt16LittleEndian(lie.AsSpan(8), (ushort)height);
        return lie;
    }

    static byte[] Length(byte[] webp, int length)
    {
        var lie = webp.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(lie.AsSpan(4), length - 8);
        return lie;
    }

    static byte[] Extended(byte[] webp, int width, int height) => Riff(VP8X(width, height, 0), Pixels(webp));

    /// <summary>The chunk with the picture, without what the encoder put around it.</summary>
    static byte[] Pixels(byte[] webp)
    {
        var at = webp.AsSpan().IndexOf("VP8L"u8);
        var length = BinaryPrimitives.ReadInt32LittleEndian(webp.AsSpan(at + 4));
        return webp[at..(at + 8 + length + (length & 1))];
    }

    static byte[] WithChunk(byte[] webp, ReadOnlySpan<byte> type, byte[] data, byte flag) => flag == 0x20
        ? Riff(VP8X(Width, Height, flag), RiffChunk(type, data), Pixels(webp))
        : Riff(VP8X(Width, Height, flag), Pixels(webp), RiffChunk(type, data));

    static byte[] VP8X(int width, int height, byte flags) => RiffChunk("VP8X"u8,
        [flags, 0, 0, 0, (byte)(width - 1), (byte)((width - 1) >> 8), 0, (byte)(height - 1), (byte)((height - 1) >> 8), 0]);

    static byte[] RiffChunk(ReadOnlySpan<byte> type, byte[] data) => [.. type, .. BitConverter.GetBytes(data.Length), .. data, .. new byte[data.Length & 1]];

    static byte[] Riff(params byte[][] chunks)
    {
        byte[] body = [.. "WEBP"u8, .. chunks.SelectMany(chunk => chunk)];
        return [.. "RIFF"u8, .. BitConverter.GetBytes(body.Length), .. body];
    }

    static byte[] WithExif(byte[] jpeg, byte[] tiff) => JpegFile.With(jpeg, JpegFile.Segment(0xE1, [.. "Exif\0\0"u8, .. tiff]));

    static byte[] Directory(uint next, params (ushort Tag, ushort Type, uint Count, uint Value)[] entries) =>
    [
        .. "II*\0"u8, 8, 0, 0, 0, .. BitConverter.GetBytes((ushort)entries.Length),
        .. entries.SelectMany(e => (byte[])[.. BitConverter.GetBytes(e.Tag), .. BitConverter.GetBytes(e.Type), .. BitConverter.GetBytes(e.Count), .. BitConverter.GetBytes(e.Value)]),
        .. BitConverter.GetBytes(next),
    ];

    static byte[] PrinterProfile()
    {
        using var picture = Picture();
        using var ink = picture.IccTransform("cmyk");
        return [.. ((byte[])ink.Get("icc-profile-data")).Take(60_000)];
    }
}
