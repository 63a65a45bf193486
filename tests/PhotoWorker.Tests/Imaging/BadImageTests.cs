using ImagePipeline.PhotoWorker.Imaging;
using ImagePipeline.TestSupport.Pictures;

namespace ImagePipeline.PhotoWorker.Tests.Imaging;

public sealed class BadImageTests
{
    const double ColourTolerance = 12;

    [Fact]
    public void There_are_at_least_40_kinds() => Assert.InRange(BadImages.All.Select(bad => bad.Kind).Distinct().Count(), 40, 1_000);

    [Theory]
    [MemberData(nameof(All))]
    public void A_bad_image_is_rejected_for_what_is_wrong_with_it_or_shown_right(string name)
    {
        var bad = BadImages.All.Single(bad => bad.Name == name);

        RenderedPhoto photo;
        try
        {
            photo = Some.Renderer(120, 60).Render(bad.File);
        }
        catch (RejectedException e)
        {
            Assert.Contains(e.Reason, bad.Rejections);
            return;
        }

        Assert.True(bad.Rejections is [], $"should be rejected as {string.Join(" or ", bad.Rejections)}");
        Assert.Equal(bad.Size, (photo.Width, photo.Height));
        if (bad.ShowsQuadrants)
            AssertQuadrants(photo);
    }

    public static TheoryData<string> All => [.. BadImages.All.Select(bad => bad.Name)];

    static void AssertQuadrants(RenderedPhoto photo)
    {
        foreach (var rendition in photo.Renditions)
        {
            for (var n = 0; n < 4; n++)
            {
                var shown = Some.PixelAt(rendition, n % 2 == 0 ? 0.2 : 0.8, n < 2 ? 0.2 : 0.8);
                Assert.All(BadImages.Quadrants[n].Zip(shown), pair => Assert.InRange(pair.Second, pair.First - ColourTolerance, pair.First + ColourTolerance));
            }
        }
    }
}
