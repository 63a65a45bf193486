using ImagePipeline.Contracts;

namespace ImagePipeline.Pipeline.Tests.Bus;

static class Some
{
    static int _photos;

    /// <summary>A request for a photo that no other test asks for.</summary>
    public static PhotoRequested Request(string feed, bool urgent = false)
    {
        var listing = Identity.ListingUid(feed, "S1");
        var media = $"M{Interlocked.Increment(ref _photos)}";
        return new PhotoRequested
        {
            Feed = feed,
            ListingKey = "S1",
            ListingUid = listing,
            PhotoId = Identity.PhotoId(listing, media),
            MediaKey = media,
            Version = "1",
            Generation = 1,
            SourceUrl = "https://photos.example.com/1.jpg",
            ExpiresAt = null,
            SingleUse = false,
            LeaseRefreshes = 0,
            Urgent = urgent,
        };
    }
}
