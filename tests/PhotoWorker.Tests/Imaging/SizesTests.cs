using ImagePipeline.PhotoWorker.Imaging;

namespace ImagePipeline.PhotoWorker.Tests.Imaging;

public sealed class SizesTests
{
    [Fact]
    public void The_default_profile_makes_four_JPEGs()
    {
        var photo = new Renderer(RenditionProfile.Default, new RenderingOptions()).Render(Some.Jpeg(2000, 1500));

        Assert.Equal([("w1600", 1600, 1200), ("w1024", 1024, 768), ("w640", 640, 480), ("w320", 320, 240)],
            photo.Renditions.Select(rendition => (rendition.Name, rendition.Width, rendition.Height)));
        Assert.All(photo.Renditions, rendition => Assert.Equal("image/jpeg", rendition.ContentType));
    }

    [Fact]
    public void A_small_photo_gets_every_rendition_at_its_own_size_from_the_same_bytes()
    {
        var photo = Some.Renderer(1600, 1024, 640, 100).Render(Some.Jpeg(300, 201));

        Assert.Equal([(300, 201), (300, 201), (300, 201), (100, 67)], photo.Renditions.Select(rendition => (rendition.Width, rendition.Height)));
        Assert.True(photo.Renditions[0].Bytes.Equals(photo.Renditions[2].Bytes));
    }

    [Fact]
    public void Heights_follow_the_originals_aspect_not_the_step_above()
    {
        var photo = Some.Renderer(90, 61, 37, 20).Render(Some.Jpeg(100, 33));

        Assert.Equal([30, 20, 12, 7], photo.Renditions.Select(rendition => rendition.Height));
    }

    [Fact]
    public void Renditions_keep_the_profiles_order_whatever_their_sizes()
    {
        var photo = Some.Renderer(40, 200, 80).Render(Some.Jpeg(400, 300));

        Assert.Equal(["w40", "w200", "w80"], photo.Renditions.Select(rendition => rendition.Name));
        Assert.Equal([40, 200, 80], photo.Renditions.Select(rendition => rendition.Width));
    }

    [Fact]
    public void Equal_sizes_of_different_quality_are_encoded_apart()
    {
        var profile = new RenditionProfile(new ProfileOptions
        {
            Renditions = [new() { Name = "fine", Width = 200, Quality = 95 }, new() { Name = "coarse", Width = 200, Quality = 30 }],
        });

        var photo = new Renderer(profile, new RenderingOptions()).Render(Some.Jpeg(400, 300));

        Assert.True(photo.Renditions[0].Bytes.Length > photo.Renditions[1].Bytes.Length);
    }

    [Theory]
    [InlineData(1, 1), InlineData(1, 3000), InlineData(3000, 1), InlineData(2, 5)]
    public void Thin_and_tiny_photos_are_rendered(int width, int height)
    {
        using var picture = Some.Plain(width, height, Some.Red);

        var photo = Some.Renderer(1600, 320).Render(picture.PngsaveBuffer());

        Assert.Equal((Math.Min(width, 320), Math.Max(1, width > 320 ? 0 : height)), (photo.Renditions[1].Width, photo.Renditions[1].Height));
    }
}
