using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Imaging;
using NetVips;

namespace ImagePipeline.PhotoWorker.Tests;

/// <summary>Requests for photos of a listing that does not exist, and photos to answer them with.</summary>
static class Some
{
    public const string Feed = "acme";

    public static PhotoRequested Request(string url, string mediaKey = "p1", string version = "v1", bool urgent = false)
    {
        var listing = Identity.ListingUid(Feed, "L1");
        return new PhotoRequested
        {
            Feed = Feed,
            ListingKey = "L1",
            ListingUid = listing,
            PhotoId = Identity.PhotoId(listing, mediaKey),
            MediaKey = mediaKey,
            Version = version,
            Generation = 1,
            SourceUrl = url,
            ExpiresAt = null,
            SingleUse = false,
            LeaseRefreshes = 0,
            Urgent = urgent,
        };
    }

    /// <summary>Noise, so that it has enough bytes to cut some off.</summary>
    public static byte[] Jpeg(int width = 400, int height = 300, int seed = 1)
    {
        ImageEngine.Initialize();
        using var noise = Image.Gaussnoise(width, height, sigma: 40, mean: 128, seed: seed);
        using var grey = noise.Cast(Enums.BandFormat.Uchar);
        return grey.JpegsaveBuffer(q: 80);
    }

    /// <summary>Its header is a good photo's, its end is missing.</summary>
    public static byte[] CutJpeg()
    {
        var whole = Jpeg();
        return whole[..(whole.Length / 2)];
    }
}
