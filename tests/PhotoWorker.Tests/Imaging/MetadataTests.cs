using System.Text;
using ImagePipeline.PhotoWorker.Imaging;
using NetVips;

namespace ImagePipeline.PhotoWorker.Tests.Imaging;

public sealed class MetadataTests
{
    const string Xmp = """
        <?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
        <rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">
        <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© Harbour MLS</rdf:li></rdf:Alt></dc:rights>
        </rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>
        """;

    [Fact]
    public void Renditions_carry_no_place_and_no_other_metadata()
    {
        var original = Tagged(mutable =>
        {
            mutable.Set(GValue.GStrType, "exif-ifd3-GPSLatitude", "52/1 30/1 0/1");
            mutable.Set(GValue.BlobType, "xmp-data", Encoding.UTF8.GetBytes(Xmp));
        });
        using (var source = Image.NewFromBuffer(original))
            Assert.Contains("exif-ifd3-GPSLatitude", source.GetFields());

        var photo = Some.Renderer(100, 50).Render(original);

        foreach (var rendition in photo.Renditions)
        {
            using var image = Image.NewFromBuffer(rendition.Bytes.Span);
            Assert.DoesNotContain(image.GetFields(), field => field.StartsWith("exif", StringComparison.Ordinal)
                || field is "xmp-data" or "iptc-data" or "icc-profile-data" or "orientation");
        }
    }

    [Fact]
    public void The_copyright_notice_is_read_from_EXIF()
    {
        var original = Tagged(mutable => mutable.Set(GValue.GStrType, "exif-ifd0-Copyright", "Ada Lovelace 2026"));

        Assert.Equal("Ada Lovelace 2026", Some.Renderer(50).Render(original).Copyright);
    }

    [Fact]
    public void The_copyright_notice_is_read_from_XMP()
    {
        var original = Tagged(mutable => mutable.Set(GValue.BlobType, "xmp-data", Encoding.UTF8.GetBytes(Xmp)));

        Assert.Equal("© Harbour MLS", Some.Renderer(50).Render(original).Copyright);
    }

    [Fact]
    public void The_copyright_notice_is_read_from_IPTC()
    {
        var original = Tagged(mutable => mutable.Set(GValue.BlobType, "iptc-data", Iptc("\u00a9 Harbour MLS")));

        Assert.Equal("© Harbour MLS", Some.Renderer(50).Render(original).Copyright);
    }

    [Fact]
    public void A_photo_without_a_notice_has_none() => Assert.Null(Some.Renderer(50).Render(Some.Jpeg(100, 80)).Copyright);

    [Fact]
    public void Photographer_and_editor_are_both_kept() =>
        Assert.Equal("Ada; Harbour", CopyrightText.FromExif(Exif("Ada\0Harbour\0"u8.ToArray())));

    [Fact]
    public void A_notice_is_one_short_line()
    {
        Assert.Equal("a  b", CopyrightText.FromExif(Exif("a\r\nb\0"u8.ToArray())));
        Assert.Equal(CopyrightText.MaxCharacters, CopyrightText.FromExif(Exif(new byte[5000].Select(_ => (byte)'x').ToArray()))!.Length);
    }

    [Fact]
    public void A_blank_notice_is_none() => Assert.Null(CopyrightText.FromExif(Exif("   \0"u8.ToArray())));

    [Fact]
    public void Broken_metadata_is_no_notice_and_no_failure()
    {
        var random = new Random(11);
        var (exif, iptc, xmp) = (Exif("somebody\0"u8.ToArray()), Iptc("somebody"), Encoding.UTF8.GetBytes(Xmp));
        for (var i = 0; i < 3000; i++)
        {
            CopyrightText.FromExif(Damaged(exif, random));
            CopyrightText.FromIptc(Damaged(iptc, random));
            CopyrightText.FromXmp(Damaged(xmp, random));
        }

        Assert.Null(CopyrightText.FromXmp("<!DOCTYPE x [<!ENTITY a \"rights\">]><x>&a;</x>"u8));
    }

    static byte[] Tagged(Action<MutableImage> tag)
    {
        using var picture = Some.Photograph(200, 150, seed: 5);
        using var tagged = picture.Mutate(tag);
        return tagged.JpegsaveBuffer(q: 90);
    }

    /// <summary>One directory with one entry: Copyright, ASCII.</summary>
    static byte[] Exif(byte[] text) =>
        [.. "Exif\0\0II*\0"u8, 8, 0, 0, 0, 1, 0, 0x98, 0x82, 2, 0, .. BitConverter.GetBytes(text.Length), 26, 0, 0, 0, 0, 0, 0, 0, .. text];

    static byte[] Iptc(string notice)
    {
        var text = Encoding.UTF8.GetBytes(notice);
        byte[] record = [0x1C, 2, 116, 0, (byte)text.Length, .. text];
        return [.. "Photoshop 3.0\0"u8, .. "8BIM"u8, 4, 4, 0, 0, 0, 0, 0, (byte)record.Length, .. record, 0];
    }

    static byte[] Damaged(byte[] data, Random random)
    {
        var copy = data[..random.Next(1, data.Length + 1)];
        for (var i = random.Next(6); i > 0; i--)
            copy[random.Next(copy.Length)] = (byte)random.Next(256);
        return copy;
    }
}
