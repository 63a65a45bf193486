using ImagePipeline.Contracts;

namespace ImagePipeline.ListingNotifier.Tests;

/// <summary>Messages about listings that do not exist.</summary>
static class Some
{
    public const string Feed = "acme";

    public static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static Guid Listing(string key = "L1") => Identity.ListingUid(Feed, key);

    public static ListingPhotosChanged Set(string key = "L1", long generation = 1, int ask = 0, params (string Key, string Version)[] photos) => new()
    {
        Feed = Feed,
        ListingKey = key,
        ListingUid = Listing(key),
        ListingId = null,
        Generation = generation,
        Ask = ask,
        ChangedAt = Now,
        Urgent = false,
        Photos = [.. photos.Select((p, i) => Photo(key, p.Key, p.Version, i))],
    };

    public static ListedPhoto Photo(string listingKey, string mediaKey, string version, int order) => new()
    {
        PhotoId = Identity.PhotoId(Listing(listingKey), mediaKey),
        MediaKey = mediaKey,
        Version = version,
        Order = order,
        Primary = order == 0,
        Caption = null,
        Kind = "Photo",
        Alteration = [],
        Permissions = [],
    };

    public static PhotoStored Stored(string mediaKey, string version = "v1", string key = "L1", long generation = 1) => new()
    {
        Feed = Feed,
        ListingKey = key,
        ListingUid = Listing(key),
        PhotoId = Identity.PhotoId(Listing(key), mediaKey),
        MediaKey = mediaKey,
        Version = version,
        Generation = generation,
        Profile = "web-1",
        Original = new StoredImage { Key = $"originals/{Feed}/{key}/{mediaKey}/{version}", Width = 8, Height = 6, Bytes = 5, ContentType = "image/jpeg" },
        Renditions =
        [
            new StoredRendition
            {
                Name = "w320", Key = $"renditions/{Feed}/{key}/{mediaKey}/{version}/web-1/w320.jpg", Width = 8, Height = 6, Bytes = 4, ContentType = "image/jpeg",
            },
        ],
        Sha256 = "00",
        Copyright = null,
        AlreadyStored = false,
    };

    public static PhotoRejected Rejected(string mediaKey, string version = "v1", string key = "L1", long generation = 1) => new()
    {
        Feed = Feed,
        ListingKey = key,
        ListingUid = Listing(key),
        PhotoId = Identity.PhotoId(Listing(key), mediaKey),
        MediaKey = mediaKey,
        Version = version,
        Generation = generation,
        Reason = PhotoRejection.NotAnImage,
        Detail = "It is a page.",
    };

    public static PhotoRequested Requested(string mediaKey, string version = "v1", string key = "L1", long generation = 1) => new()
    {
        Feed = Feed,
        ListingKey = key,
        ListingUid = Listing(key),
        PhotoId = Identity.PhotoId(Listing(key), mediaKey),
        MediaKey = mediaKey,
        Version = version,
        Generation = generation,
        SourceUrl = "https://photos.example/1.jpg",
        ExpiresAt = null,
        SingleUse = false,
        LeaseRefreshes = 0,
        Urgent = false,
    };

    /// <summary>Photos as another profile shows them.</summary>
    public static ListingBackfilled Backfilled(long backfill = 1, string profile = "web-2", string key = "L1", long generation = 1, params (string Key, string Version)[] photos) => new()
    {
        Feed = Feed,
        ListingKey = key,
        ListingUid = Listing(key),
        Generation = generation,
        Backfill = backfill,
        Profile = profile,
        Photos = [.. photos.Select(p => new BackfilledPhoto
        {
            PhotoId = Identity.PhotoId(Listing(key), p.Key),
            MediaKey = p.Key,
            Version = p.Version,
            Original = new StoredImage { Key = $"originals/{Feed}/{key}/{p.Key}/{p.Version}", Width = 8, Height = 6, Bytes = 5, ContentType = "image/jpeg" },
            Renditions =
            [
                new StoredRendition
                {
                    Name = "s1", Key = $"renditions/{Feed}/{key}/{p.Key}/{p.Version}/{profile}/s1.jpg", Width = 4, Height = 3, Bytes = 2, ContentType = "image/jpeg",
                },
            ],
            Sha256 = "00",
            Copyright = null,
        })],
    };

    public static ListingWithdrawn Withdrawn(string key = "L1", long generation = 2) => new()
    {
        Feed = Feed,
        ListingKey = key,
        ListingUid = Listing(key),
        Generation = generation,
        Why = "MlgCanView is false.",
    };
}
