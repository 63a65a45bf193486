using ImagePipeline.PhotoWorker.Imaging;
using NetVips;

namespace ImagePipeline.PhotoWorker.Tests.Imaging;

public sealed class RightPixelsTests
{
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public void Every_orientation_comes_out_upright(int orientation)
    {
        using var shown = Some.Quadrants(240, 160);
        using var stored = AsStored(shown, orientation);
        using var tagged = stored.Mutate(mutable => mutable.Set(GValue.GIntType, "orientation", orientation));

        var photo = Some.Renderer(120, 60).Render(tagged.JpegsaveBuffer(q: 95));

        Assert.Equal((240, 160), (photo.Width, photo.Height));
        Assert.Equal([(120, 80), (60, 40)], photo.Renditions.Select(rendition => (rendition.Width, rendition.Height)));
        AssertQuadrants(photo);
    }

    [Fact]
    public void A_large_photo_lying_on_its_side_is_shrunk_at_decode_and_comes_out_upright()
    {
        using var shown = Some.Quadrants(480, 640);
        using var stored = AsStored(shown, 6);
        using var tagged = stored.Mutate(mutable => mutable.Set(GValue.GIntType, "orientation", 6));

        var photo = Some.Renderer(120, 60).Render(tagged.JpegsaveBuffer(q: 95));

        Assert.Equal([(120, 160), (60, 80)], photo.Renditions.Select(rendition => (rendition.Width, rendition.Height)));
        AssertQuadrants(photo);
    }

    [Fact]
    public void A_CMYK_JPEG_without_a_profile_becomes_sRGB()
    {
        using var picture = Some.Quadrants(64, 64);
        using var cmyk = picture.IccTransform("cmyk");
        using var bare = cmyk.Mutate(mutable => mutable.Remove("icc-profile-data"));

        var photo = Some.Renderer(64, 32).Render(bare.JpegsaveBuffer(q: 95));

        // Ink cannot print every colour of the quadrants, so what the ink shows is what is expected.
        using var printed = cmyk.IccTransform("srgb", embedded: true);
        foreach (var (across, down) in ((double, double)[])[(0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)])
            AssertNear(printed[(int)(64 * across), (int)(64 * down)], Some.PixelAt(photo.Renditions[1], across, down), 6);
    }

    [Fact]
    public void A_16_bit_PNG_becomes_8_bit()
    {
        using var picture = Some.Quadrants(64, 64);
        using var deep = picture.Colourspace(Enums.Interpretation.Rgb16);

        AssertQuadrants(Some.Renderer(64, 32).Render(deep.PngsaveBuffer()));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Grey_becomes_sRGB(bool deep)
    {
        using var picture = Some.Plain(64, 64, [90]);
        using var grey = deep ? picture.Colourspace(Enums.Interpretation.Grey16) : picture.Copy();

        var photo = Some.Renderer(32).Render(grey.PngsaveBuffer());

        AssertNear([90, 90, 90], Some.PixelAt(photo.Renditions[0], 0.5, 0.5), 2);
    }

    [Fact]
    public void A_wide_gamut_photo_becomes_sRGB()
    {
        using var picture = Some.Quadrants(64, 64);
        using var wide = picture.IccTransform("p3");

        AssertQuadrants(Some.Renderer(64, 32).Render(wide.JpegsaveBuffer(q: 95)));
    }

    [Fact]
    public void A_broken_colour_profile_is_ignored()
    {
        using var picture = Some.Quadrants(64, 64);
        using var wrong = picture.Mutate(mutable => mutable.Set(GValue.BlobType, "icc-profile-data", new byte[200]));

        AssertQuadrants(Some.Renderer(64, 32).Render(wrong.JpegsaveBuffer(q: 95)));
    }

    [Fact]
    public void A_colour_profile_of_other_channels_is_ignored()
    {
        using var picture = Some.Quadrants(64, 64);
        using var wrong = picture.Mutate(mutable => mutable.Set(GValue.BlobType, "icc-profile-data", XyzProfile()));

        AssertQuadrants(Some.Renderer(64, 32).Render(wrong.JpegsaveBuffer(q: 95)));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Transparency_shows_white(bool deep)
    {
        using var colours = Some.Plain(64, 64, [200, 40, 40, 0]);
        using var picture = deep ? colours.Colourspace(Enums.Interpretation.Rgb16) : colours.Copy();

        var photo = Some.Renderer(32).Render(picture.PngsaveBuffer());

        AssertNear([255, 255, 255], Some.PixelAt(photo.Renditions[0], 0.5, 0.5), 2);
    }

    [Fact]
    public void Half_transparency_mixes_with_white()
    {
        using var picture = Some.Plain(64, 64, [0, 100, 200, 128]);

        var photo = Some.Renderer(32).Render(picture.PngsaveBuffer());

        AssertNear([127, 177, 227], Some.PixelAt(photo.Renditions[0], 0.5, 0.5), 3);
    }

    [Fact]
    public void Of_an_animation_the_first_frame_is_shown()
    {
        using var first = Some.Quadrants(64, 64);
        using var second = Some.Plain(64, 64, Some.Blue);
        using var frames = Image.Arrayjoin([first, second], across: 1);
        using var animation = frames.Mutate(mutable => mutable.Set(GValue.GIntType, "page-height", 64));

        foreach (var file in (byte[][])[animation.GifsaveBuffer(), animation.WebpsaveBuffer(lossless: true)])
        {
            var photo = Some.Renderer(64, 32).Render(file);
            Assert.Equal((64, 64), (photo.Width, photo.Height));
            AssertQuadrants(photo, tolerance: 12);
        }
    }

    [Fact]
    public void Renditions_can_be_WebP()
    {
        var profile = new RenditionProfile(new ProfileOptions { Renditions = [new() { Name = "small", Width = 64, Format = RenditionFormat.WebP }] });
        using var picture = Some.Quadrants(128, 128);

        var photo = new Renderer(profile, new RenderingOptions()).Render(picture.JpegsaveBuffer());

        Assert.Equal("image/webp", photo.Renditions[0].ContentType);
        Assert.Equal(PhotoFormat.WebP, FirstBytes.Recognize(photo.Renditions[0].Bytes.Span));
        AssertQuadrants(photo, tolerance: 12);
    }

    /// <summary>What a camera writes into the file for a picture that is to be shown as given: the inverse of what the tag asks for.</summary>
    static Image AsStored(Image shown, int orientation)
    {
        using var turned = shown.Rot90();
        return orientation switch
        {
            1 => shown.Copy(),
            2 => shown.FlipHor(),
            3 => shown.Rot180(),
            4 => shown.FlipVer(),
            5 => turned.FlipHor(),
            6 => shown.Rot270(),
            7 => turned.FlipVer(),
            _ => shown.Rot90(),
        };
    }

    /// <summary>A sound profile (ICC.1, 7.2 and 10.12) that takes its three channels for XYZ, and leaves them as they are.</summary>
    static byte[] XyzProfile()
    {
        byte[] curve = [.. "para"u8, .. new byte[8], 0, 1, 0, 0];
        byte[] table = [.. "mAB "u8, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 32, .. new byte[16], .. curve, .. curve, .. curve];
        return
        [
            0, 0, 0, 224, .. new byte[4], 4, 0, 0, 0, .. "abstXYZ XYZ "u8, .. new byte[12], .. "acsp"u8, .. new byte[28],
            0, 0, 0xF6, 0xD6, 0, 1, 0, 0, 0, 0, 0xD3, 0x2D, .. new byte[48],
            0, 0, 0, 1, .. "A2B0"u8, 0, 0, 0, 144, 0, 0, 0, 80, .. table,
        ];
    }

    static void AssertQuadrants(RenderedPhoto photo, double tolerance = 6)
    {
        foreach (var rendition in photo.Renditions)
        {
            AssertNear(Some.Red, Some.PixelAt(rendition, 0.2, 0.2), tolerance);
            AssertNear(Some.Green, Some.PixelAt(rendition, 0.8, 0.2), tolerance);
            AssertNear(Some.Blue, Some.PixelAt(rendition, 0.2, 0.8), tolerance);
            AssertNear(Some.Sand, Some.PixelAt(rendition, 0.8, 0.8), tolerance);
        }
    }

    static void AssertNear(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - tolerance, pair.First + tolerance));
    }
}
