using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Fetching;
using ImagePipeline.PhotoWorker.Imaging;
using ImagePipeline.Storage.Photos;
using Microsoft.Extensions.Options;

namespace ImagePipeline.PhotoWorker;

/// <summary>
/// A photo's objects in the store. Renditions are written in order; the last is the commit mark, whose record says all that PhotoStored says, so one
/// look-up finds a photo stored, and nothing half-stored is ever taken for whole.
/// </summary>
sealed class StoredPhotos(IPhotoStore store, RenditionProfile profile, IOptions<FetchingOptions> fetching)
{
    /// <summary>The photo as it was stored before; null when it is not there in this profile.</summary>
    public async Task<PhotoStored?> FindAsync(PhotoRequested request, CancellationToken cancellation)
    {
        var facts = await store.FindAsync(KeyOf(request, profile.Renditions[^1]), cancellation);
        return facts?.Record is { } record ? Told(request, CommitRecord.Parse(record), alreadyStored: true) : null;
    }

    /// <summary>How many bytes the original has that was kept; null when there is none.</summary>
    public async Task<int?> FindOriginalAsync(PhotoRequested request, CancellationToken cancellation) =>
        await store.FindAsync(OriginalKey(request), cancellation) is { } facts ? (int)(facts.Bytes ?? fetching.Value.MaxBytes) : null;

    /// <summary>The original that was kept; null when there is none.</summary>
    public Task<byte[]?> ReadOriginalAsync(PhotoRequested request, CancellationToken cancellation) => store.ReadAsync(OriginalKey(request), cancellation);

    /// <summary>
    /// Keeps the original before anything is made of it: from here on the vendor is not asked again. False when another one was kept already.
    /// </summary>
    public Task<bool> KeepOriginalAsync(PhotoRequested request, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        store.WriteOnceAsync(OriginalKey(request), bytes, new ObjectFacts { ContentType = "application/octet-stream" }, cancellation);

    /// <summary>Removes the kept original.</summary>
    public Task ForgetOriginalAsync(PhotoRequested request, CancellationToken cancellation) => store.DeleteAsync(OriginalKey(request), cancellation);

    /// <summary>Stores the renditions, the mark last.</summary>
    public async Task<PhotoStored> StoreAsync(PhotoRequested request, RenderedPhoto photo, long originalBytes, string sha256, CancellationToken cancellation)
    {
        var record = new CommitRecord
        {
            Width = photo.Width,
            Height = photo.Height,
            Bytes = originalBytes,
            ContentType = photo.ContentType,
            Sha256 = sha256,
            Copyright = photo.Copyright,
            Renditions = [.. photo.Renditions.Select(r => new CommitRecord.Rendition(r.Width, r.Height, r.Bytes.Length))],
        };
        for (var i = 0; i < photo.Renditions.Count; i++)
        {
            var facts = new ObjectFacts
            {
                ContentType = photo.Renditions[i].ContentType,
                Record = i == photo.Renditions.Count - 1 ? record.ToText() : null,
            };
            await store.WriteOnceAsync(KeyOf(request, profile.Renditions[i]), photo.Renditions[i].Bytes, facts, cancellation);
        }
        return Told(request, record, alreadyStored: false);
    }

    PhotoStored Told(PhotoRequested request, CommitRecord record, bool alreadyStored) => new()
    {
        Feed = request.Feed,
        ListingKey = request.ListingKey,
        ListingUid = request.ListingUid,
        PhotoId = request.PhotoId,
        MediaKey = request.MediaKey,
        Version = request.Version,
        Generation = request.Generation,
        Profile = profile.Key,
        Original = new StoredImage
        {
            Key = OriginalKey(request),
            Width = record.Width,
            Height = record.Height,
            Bytes = record.Bytes,
            ContentType = record.ContentType,
        },
        Renditions = [.. profile.Renditions.Zip(record.Renditions, (rendition, made) => new StoredRendition
        {
            Name = rendition.Name,
            Key = KeyOf(request, rendition),
            Width = made.Width,
            Height = made.Height,
            Bytes = made.Bytes,
            ContentType = rendition.ContentType,
        })],
        Sha256 = record.Sha256,
        Copyright = record.Copyright,
        AlreadyStored = alreadyStored,
    };

    static string OriginalKey(PhotoRequested r) => StoreKeys.Original(r.Feed, r.ListingKey, r.MediaKey, r.Version);

    string KeyOf(PhotoRequested r, Rendition rendition) =>
        StoreKeys.Rendition(r.Feed, r.ListingKey, r.MediaKey, r.Version, profile.Key, rendition.Name, rendition.Extension);
}
