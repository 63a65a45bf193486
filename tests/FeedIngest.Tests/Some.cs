using System.Text.Json;
using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Feeds;

namespace ImagePipeline.FeedIngest.Tests;

/// <summary>Listings that do not exist, as read, as known, as submitted and as announced.</summary>
static class Some
{
    public const string Feed = "acme";

    public static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static ReadListing Read(params ReadPhoto[] photos) => new()
    {
        Feed = Feed,
        ListingKey = "L1",
        ListingId = "MLS-1",
        ChangedAt = Now,
        Photos = photos,
    };

    public static ReadPhoto Photo(string key, string version = "v1", string? caption = null, string? url = null) => new()
    {
        MediaKey = key,
        Version = version,
        Url = url ?? $"https://photos.example/{key}/{version}.jpg",
        Caption = caption,
        Alteration = [],
        Permissions = [],
    };

    /// <summary>What is known after this was read and announced with nothing missing.</summary>
    public static KnownListing Known(params ReadPhoto[] photos) => KnownAfter(Read(photos));

    public static KnownListing KnownAfter(ReadListing read, KnownListing? before = null)
    {
        var next = ListingChange.Between(before, read, Now, TimeSpan.FromMinutes(30))!.Next;
        return next with { FinalGeneration = next.Generation };
    }

    /// <summary>What is known of a listing that was asked for and not announced yet.</summary>
    public static KnownListing Unfinished(string key = "L1", string feed = Feed, DateTimeOffset? due = null, params ReadPhoto[] photos) =>
        Known(photos) with { Feed = feed, ListingKey = key, NextAskAt = due ?? Now, FinalGeneration = 0 };

    public static SettledMissing Missing(KnownListing listing, string mediaKey, MissingReason reason, string version = "v1") =>
        new(Identity.PhotoId(listing.ListingUid, mediaKey), version, reason);

    public static ListingPhotosSubmitted Submitted(string key = "L1", int minute = 0, params SubmittedPhoto[] photos) => new()
    {
        Feed = Feed,
        ListingKey = key,
        ChangedAt = Now.AddMinutes(minute),
        Photos = photos,
    };

    public static SubmittedPhoto SubmittedPhoto(string key, string? caption = null, string url = "https://photos.example/1.jpg") => new()
    {
        Key = key,
        Url = url,
        Caption = caption,
        ModifiedAt = Now,
    };

    /// <summary>One line of an NDJSON feed.</summary>
    public static string Line(ListingPhotosSubmitted submitted) => JsonSerializer.Serialize(submitted, JsonSerializerOptions.Web);

    public static PhotosReady Ready(KnownListing listing, bool final, int announcement = 1, params SettledMissing[] missing) =>
        Ready(listing.Feed, listing.ListingKey, listing.Generation, final, announcement, missing);

    public static PhotosReady Ready(
        string feed, string key, long generation, bool final, int announcement = 1, params SettledMissing[] missing) => new()
        {
            Feed = feed,
            ListingKey = key,
            ListingUid = Identity.ListingUid(feed, key),
            ListingId = null,
            Generation = generation,
            Announcement = announcement,
            Complete = missing.Length == 0,
            Final = final,
            Primary = null,
            Photos = [],
            Missing = [.. missing.Select(Missing)],
            ManifestKey = "manifests/1.json",
            ChangedAt = Now,
            ReadyAt = Now,
        };

    public static PhotosRemoved Removed(KnownListing listing, RemovalScope scope = RemovalScope.Listing) => new()
    {
        Feed = listing.Feed,
        ListingKey = listing.ListingKey,
        ListingUid = listing.ListingUid,
        Scope = scope,
        Why = "It was withdrawn.",
        Keys = [],
    };

    static MissingPhoto Missing(SettledMissing missing) => new()
    {
        PhotoId = missing.PhotoId,
        MediaKey = "",
        Version = missing.Version,
        Reason = missing.Reason,
        Rejection = missing.Reason == MissingReason.Rejected ? PhotoRejection.Gone : null,
        Detail = "It is not there.",
        WillBeRetried = false,
    };
}
