using System.Security.Cryptography;
using ImagePipeline.PhotoWorker.Imaging;
using NetVips;

namespace ImagePipeline.PhotoWorker.Tests.Imaging;

public sealed class PixelBufferTests
{
    [Fact]
    public void Photos_rendered_at_once_in_the_same_memory_are_what_each_is_alone()
    {
        // Large after small, turned, higher than what memory is kept for, and one that breaks off on the way.
        byte[][] files = [Some.Jpeg(2000, 1500), Some.Jpeg(300, 200), Turned(900, 600), Some.Jpeg(1600, 3600), Some.Jpeg(1200, 1600), Some.Jpeg(1400, 900)[..^2000]];
        var alone = files.Select(file => Bytes(New(), file)).ToArray();
        var together = New();

        Parallel.For(0, 10 * files.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, n =>
            Assert.Equal(alone[n % files.Length], Bytes(together, files[n % files.Length])));
    }

    static Renderer New() => new(RenditionProfile.Default, new RenderingOptions());

    static byte[] Turned(int width, int height)
    {
        using var picture = Some.Photograph(width, height, seed: 2);
        using var tagged = picture.Mutate(mutable => mutable.Set(GValue.GIntType, "orientation", 6));
        return tagged.JpegsaveBuffer(q: 85);
    }

    static string Bytes(Renderer renderer, byte[] file)
    {
        try
        {
            return string.Join(' ', renderer.Render(file).Renditions.Select(rendition => Convert.ToHexString(SHA256.HashData(rendition.Bytes.Span))));
        }
        catch (RejectedException e)
        {
            return e.Reason.ToString();
        }
    }
}
