using ImagePipeline.PhotoWorker.Imaging;
using ImagePipeline.TestSupport.Pictures;
using NetVips;

namespace ImagePipeline.PhotoWorker.Tests.Imaging;

public sealed class QualityTests
{
    [Theory]
    [InlineData(2048, 1536, 1)]
    [InlineData(3200, 2400, 1)] // shrunk by exactly 2 at decode
    [InlineData(4000, 3000, 1)]
    [InlineData(3301, 2201, 1)] // odd sides must not be shrunk at decode
    [InlineData(3600, 4800, 8)]
    [InlineData(901, 603, 1)]
    public void Pixels_are_as_good_as_one_full_decode_and_one_resize(int width, int height, int orientation)
    {
        using var picture = Some.Photograph(width, height, seed: width);
        using var tagged = picture.Mutate(mutable => mutable.Set(GValue.GIntType, "orientation", orientation));

        AssertAsGood(tagged.JpegsaveBuffer(q: 85));
    }

    [Theory]
    [InlineData(2048, 1536)]
    [InlineData(3200, 2400)]
    [InlineData(3264, 2448)] // 2 times the largest rendition and a little more
    [InlineData(3600, 2700)] // shrunk at decode, and then resized by little: a short kernel would lose too much
    [InlineData(4000, 3000)]
    public void Fine_texture_stays_as_good(int width, int height) => AssertAsGood(DrawnPhotograph.Jpeg(width, height, seed: 1));

    [Fact]
    public void Thin_lines_stay_as_good()
    {
        using var plan = Some.FloorPlan(2048, 1536);

        AssertAsGood(plan.JpegsaveBuffer(q: 92));
    }

    [Fact]
    public void Every_format_is_as_good()
    {
        using var picture = Some.Photograph(2048, 1536, seed: 7);
        using var deep = picture.Colourspace(Enums.Interpretation.Rgb16);

        foreach (var file in (byte[][])[picture.JpegsaveBuffer(q: 85, interlace: true), picture.PngsaveBuffer(compression: 1), picture.WebpsaveBuffer(q: 90, effort: 0), deep.PngsaveBuffer(compression: 1)])
            AssertAsGood(file);
    }

    static void AssertAsGood(byte[] file)
    {
        using var full = Image.NewFromBuffer(file);
        using var upright = full.Autorot();
        using var shallow = upright.Colourspace(Enums.Interpretation.Srgb);
        using var source = shallow.CopyMemory();

        new Renderer(RenditionProfile.Default, new RenderingOptions()).RenderPixels(file, (pixels, _) =>
        {
            using var reference = source.Resize((double)pixels.Width / source.Width, vscale: (double)pixels.Height / source.Height);
            Assert.InRange(Ssim.Of(pixels, reference), 0.99, 1);
        });
    }
}
