using ImagePipeline.Contracts;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

static class Some
{
    public const string Feed = "some-feed";

    public static PhotoRequested Request(
        string url, DateTimeOffset? expiresAt = null, bool singleUse = false, int leaseRefreshes = 0, string feed = Feed) => new()
        {
            Feed = feed,
            ListingKey = "L1",
            ListingUid = Guid.Empty,
            PhotoId = Guid.Empty,
            MediaKey = "M1",
            Version = "v1",
            Generation = 1,
            SourceUrl = url,
            ExpiresAt = expiresAt,
            SingleUse = singleUse,
            LeaseRefreshes = leaseRefreshes,
            Urgent = false,
        };

    public static DateTimeOffset FarFuture { get; } = new(2999, 1, 1, 0, 0, 0, TimeSpan.Zero);
}
