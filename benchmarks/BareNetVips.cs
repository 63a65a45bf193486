using ImagePipeline.PhotoWorker.Imaging;
using NetVips;

namespace ImagePipeline.Benchmarks;

/// <summary>The same renditions with nothing around them: no limits, no checks, no colour, no metadata. What the renderer is held against.</summary>
static class BareNetVips
{
    /// <summary>What one call to an image server for each rendition costs.</summary>
    public static void ThumbnailForEach(byte[] photo)
    {
        foreach (var rendition in RenditionProfile.Default.Renditions)
        {
            using var thumbnail = Image.ThumbnailBuffer(photo, rendition.Width, height: int.MaxValue / 100, size: Enums.Size.Down);
            Encode(thumbnail, rendition);
        }
    }

    public static void ThumbnailThenCascade(byte[] photo)
    {
        Image? above = null;
        foreach (var rendition in RenditionProfile.Default.Renditions)
        {
            using var thumbnail = above is null
                ? Image.ThumbnailBuffer(photo, rendition.Width, height: int.MaxValue / 100, size: Enums.Size.Down)
                : above.ThumbnailImage(rendition.Width, height: int.MaxValue / 100, size: Enums.Size.Down);
            above?.Dispose();
            above = thumbnail.CopyMemory();
            Encode(above, rendition);
        }

        above?.Dispose();
    }

    public static void ShrinkThenCascade(byte[] photo)
    {
        using var header = Image.NewFromBuffer(photo, access: Enums.Access.Sequential);
        var (width, height) = (header.Width, header.Height);
        var largest = RenditionProfile.Default.Renditions[0].Width;
        var shrink = 8;
        while (shrink > 1 && width / shrink < largest)
            shrink /= 2;

        var above = shrink == 1 ? header : Image.NewFromBuffer(photo, access: Enums.Access.Sequential, kwargs: new VOption { { "shrink", shrink } });
        foreach (var rendition in RenditionProfile.Default.Renditions)
        {
            var to = Math.Min(rendition.Width, width);
            using var resized = above.Resize((double)to / above.Width, vscale: Math.Round((double)height * to / width) / above.Height);
            above.Dispose();
            above = resized.CopyMemory();
            Encode(above, rendition);
        }

        above.Dispose();
    }

    static void Encode(Image image, Rendition rendition) => image.JpegsaveBuffer(q: rendition.Quality, keep: Enums.ForeignKeep.None);
}
