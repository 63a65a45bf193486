using System.Text.Json;
using ImagePipeline.Contracts;
using ImagePipeline.Storage.Photos;

namespace ImagePipeline.ListingNotifier;

/// <summary>What a listing's state says to the outside: a pure function, so the same announcement always reads the same.</summary>
static class Announcement
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The announcement of this state. Its set must be known.</summary>
    /// <param name="state">The listing.</param>
    /// <param name="store">Where the website finds what is stored; null where nobody asks for it.</param>
    public static PhotosReady Of(ListingState state, PhotoStoreOptions? store = null)
    {
        var photos = new List<ReadyPhoto>();
        var missing = new List<MissingPhoto>();
        foreach (var photo in state.Photos)
        {
            var outcome = state.OutcomeOf(photo);
            if (outcome?.Kind == OutcomeKind.Stored)
            {
                photos.Add(Ready(photo, outcome, outdated: false, store));
                continue;
            }
            missing.Add(Missing(photo, outcome));
            if (state.ShownBefore(photo) is { } before)
                photos.Add(Ready(photo, before, outdated: true, store));
        }

        var primary = state.Photos.FirstOrDefault(p => p.Primary)?.PhotoId;
        return new PhotosReady
        {
            Feed = state.Feed!,
            ListingKey = state.ListingKey!,
            ListingUid = state.CorrelationId,
            ListingId = state.ListingId,
            Generation = state.Generation,
            Announcement = state.Announcement,
            Complete = state.IsComplete,
            Final = state.IsSettled,
            // The next in order stands in for a primary photo that is missing.
            Primary = photos.Any(p => p.PhotoId == primary) ? primary : photos.FirstOrDefault()?.PhotoId,
            Photos = photos,
            Missing = missing,
            ManifestKey = StoreKeys.Manifest(state.Feed!, state.ListingKey!, state.Announcement),
            ChangedAt = state.ChangedAt,
            ReadyAt = state.AnnouncementAt,
        };
    }

    /// <summary>The manifest: the announcement as a document.</summary>
    public static byte[] Manifest(PhotosReady ready) => JsonSerializer.SerializeToUtf8Bytes(ready, Json);

    static ReadyPhoto Ready(ListedPhoto photo, PhotoOutcome outcome, bool outdated, PhotoStoreOptions? store) => new()
    {
        PhotoId = photo.PhotoId,
        MediaKey = photo.MediaKey,
        Version = outcome.Version,
        Outdated = outdated,
        Caption = photo.Caption,
        Kind = photo.Kind,
        Alteration = photo.Alteration,
        Permissions = photo.Permissions,
        Copyright = outcome.Stored!.Copyright,
        Sha256 = outcome.Stored.Sha256,
        Original = outcome.Stored.Original,
        Renditions = store?.PublicBaseUrl is { Length: > 0 }
            ? [.. outcome.Stored.Renditions.Select(rendition => rendition with { Url = store.PublicUrlOf(rendition.Key) })]
            : outcome.Stored.Renditions,
    };

    static MissingPhoto Missing(ListedPhoto photo, PhotoOutcome? outcome) => new()
    {
        PhotoId = photo.PhotoId,
        MediaKey = photo.MediaKey,
        Version = photo.Version,
        Reason = outcome?.Kind switch
        {
            OutcomeKind.Rejected => MissingReason.Rejected,
            OutcomeKind.Failed => MissingReason.Failed,
            _ => MissingReason.Pending,
        },
        Rejection = outcome?.Rejection,
        RejectionText = outcome?.Rejection?.Text(),
        Detail = outcome?.Detail ?? "Not settled yet.",
        WillBeRetried = outcome is null,
    };
}
