using System.Text;
using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Imaging;
using NetVips;

namespace ImagePipeline.PhotoWorker.Tests.Imaging;

public sealed class RejectionTests
{
    [Fact]
    public void Nothing_is_empty() => AssertRejected(PhotoRejection.Empty, []);

    [Theory]
    [InlineData("<!DOCTYPE html><html><body>Sign in</body></html>", "an HTML page")]
    [InlineData("\n <html><head></head><body><svg/></body></html>", "an HTML page")]
    [InlineData("{\"error\": \"expired\"}", "a JSON document")]
    [InlineData("BMW for sale, one owner, in a heated garage", "text")]
    public void A_page_called_jpg_is_not_an_image(string text, string named) =>
        Assert.Contains(named, AssertRejected(PhotoRejection.NotAnImage, Encoding.UTF8.GetBytes(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Noise_is_not_an_image()
    {
        var noise = new byte[5000];
        new Random(7).NextBytes(noise);

        AssertRejected(PhotoRejection.NotAnImage, noise);
    }

    [Theory]
    [InlineData("<?xml version=\"1.0\"?>\n<!-- a plan -->\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "SVG")]
    [InlineData("%PDF-1.7 ...", "PDF")]
    [InlineData("\0\0\0\u001cftypavif\0\0\0\0", "AVIF")]
    [InlineData("\0\0\0\u001cftypheic\0\0\0\0", "HEIC")]
    [InlineData("II*\0........", "TIFF")]
    [InlineData("BM........\0\0\0\0\u0028\0\0\0....", "BMP")]
    [InlineData("8BPS\0\u0001....", "PSD")]
    public void Other_formats_are_unsupported_and_named(string file, string named) =>
        Assert.Contains(named, AssertRejected(PhotoRejection.UnsupportedFormat, Encoding.Latin1.GetBytes(file)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_huge_picture_is_refused_by_its_header() =>
        AssertRejected(PhotoRejection.TooManyPixels, Some.PngThatClaims(20_000, 20_000), new RenderingOptions { MaxSidePixels = 65_500 });

    [Fact]
    public void A_long_side_is_refused_by_its_header() =>
        AssertRejected(PhotoRejection.TooManyPixels, Some.PngThatClaims(1, 60_000));

    [Fact]
    public void A_header_that_lies_about_the_body_is_truncated_or_corrupt() =>
        AssertRejected(PhotoRejection.Corrupt, Some.PngThatClaims(1_000, 1_000));

    [Fact]
    public void What_must_be_decoded_whole_has_a_limit_of_its_own()
    {
        using var picture = Some.Photograph(300, 200, seed: 3);
        var limits = new RenderingOptions { MaxProgressivePixels = 50_000 };

        AssertRejected(PhotoRejection.TooManyPixels, picture.JpegsaveBuffer(interlace: true), limits);
        AssertRejected(PhotoRejection.TooManyPixels, picture.PngsaveBuffer(interlace: true), limits);
        AssertRejected(PhotoRejection.TooManyPixels, picture.WebpsaveBuffer(), limits);
        AssertRejected(PhotoRejection.TooManyPixels, picture.GifsaveBuffer(), limits);
        Render(picture.JpegsaveBuffer(), limits);
    }

    [Fact]
    public void Too_many_frames_are_refused()
    {
        using var frames = Some.Photograph(16, 160, seed: 4);
        using var animation = frames.Mutate(mutable => mutable.Set(GValue.GIntType, "page-height", 16));

        AssertRejected(PhotoRejection.TooManyPixels, animation.GifsaveBuffer(), new RenderingOptions { MaxFrames = 9 });
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_file_cut_at_any_tenth_is_truncated(string format)
    {
        var file = File(format);

        for (var tenth = 1; tenth < 10; tenth++)
            AssertRejected(PhotoRejection.Truncated, file[..(file.Length * tenth / 10)]);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_whole_file_is_rendered(string format) => Assert.Single(Render(File(format), new RenderingOptions()).Renditions);

    [Fact]
    public void A_damaged_PNG_is_corrupt()
    {
        var file = File("png");
        file[file.Length / 2] ^= 0x55;

        AssertRejected(PhotoRejection.Corrupt, file);
    }

    [Fact]
    public void A_JPEG_whose_segments_are_noise_is_corrupt()
    {
        var file = File("jpeg");
        file.AsSpan(20, 200).Fill(0x11); // all after the JFIF segment

        AssertRejected(PhotoRejection.Corrupt, file);
    }

    [Fact]
    public void Bad_files_beside_good_ones_change_nothing_for_the_good()
    {
        var (good, cut) = (File("jpeg"), File("jpeg")[..3000]);
        var expected = Render(good, new RenderingOptions()).Renditions[0].Bytes;

        Parallel.For(0, 100, i =>
        {
            if (i % 2 == 0)
                AssertRejected(PhotoRejection.Truncated, cut);
            else
                Assert.True(expected.Span.SequenceEqual(Render(good, new RenderingOptions()).Renditions[0].Bytes.Span));
        });
    }

    public static TheoryData<string> Formats => ["jpeg", "progressive", "png", "interlaced", "webp", "gif"];

    static byte[] File(string format)
    {
        using var picture = Some.Photograph(200, 150, seed: 2);
        return format switch
        {
            "jpeg" => picture.JpegsaveBuffer(),
            "progressive" => picture.JpegsaveBuffer(interlace: true),
            "png" => picture.PngsaveBuffer(),
            "interlaced" => picture.PngsaveBuffer(interlace: true),
            "webp" => picture.WebpsaveBuffer(),
            _ => picture.GifsaveBuffer(),
        };
    }

    static RenderedPhoto Render(byte[] file, RenderingOptions limits) => new Renderer(Some.Profile(100), limits).Render(file);

    static RejectedException AssertRejected(PhotoRejection reason, byte[] file, RenderingOptions? limits = null)
    {
        var rejection = Assert.Throws<RejectedException>(() => Render(file, limits ?? new RenderingOptions()));
        Assert.Equal(reason, rejection.Reason);
        return rejection;
    }
}
