using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Imaging;
using ImagePipeline.Storage.Photos;

namespace ImagePipeline.PhotoWorker;

/// <summary>
/// A photo's objects in the store. Renditions are written in order; the last is the commit mark, whose record says all that PhotoStored says, so one
/// look-up finds a photo stored, and nothing half-stored is ever taken for whole.
/// </summary>
sealed class StoredPhotos(IPhotoStore store, RenditionProfile profile)
{
    /// <summary>The photo as it was stored before; null when it is not there in this profile.</summary>
    public async Task<PhotoStored?> FindAsync(WantedPhoto wanted, CancellationToken cancellation)
    {
        var facts = await store.FindAsync(KeyOf(wanted, profile.Renditions[^1]), cancellation);
        return facts?.Record is { } record ? Told(wanted, CommitRecord.Parse(record), alreadyStored: true) : null;
    }

    /// <summary>The original that was kept; null when there is none.</summary>
    public Task<byte[]?> ReadOriginalAsync(WantedPhoto wanted, CancellationToken cancellation) => store.ReadAsync(OriginalKey(wanted), cancellation);

    /// <summary>
    /// Keeps the original before anything is made of it: from here on the vendor is not asked again. False when another one was kept already.
    /// </summary>
    public Task<bool> KeepOriginalAsync(WantedPhoto wanted, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        store.WriteOnceAsync(OriginalKey(wanted), bytes, new ObjectFacts { ContentType = "application/octet-stream" }, cancellation);

    /// <summary>Removes the kept original, unless there is something made of it: then it is stored in another profile, and shown.</summary>
    public async Task ForgetOriginalAsync(WantedPhoto wanted, CancellationToken cancellation)
    {
        var renditions = StoreKeys.RenditionsOf(wanted.Feed, wanted.ListingKey, wanted.MediaKey, wanted.Version);
        await foreach (var _ in store.ListAsync(renditions, cancellation))
            return;
        await store.DeleteAsync(OriginalKey(wanted), cancellation);
    }

    /// <summary>Stores the renditions, the mark last.</summary>
    public async Task<PhotoStored> StoreAsync(WantedPhoto wanted, RenderedPhoto photo, long originalBytes, string sha256, CancellationToken cancellation)
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
            await store.WriteOnceAsync(KeyOf(wanted, profile.Renditions[i]), photo.Renditions[i].Bytes, facts, cancellation);
        }
        return Told(wanted, record, alreadyStored: false);
    }

    PhotoStored Told(WantedPhoto wanted, CommitRecord record, bool alreadyStored) => new()
    {
        Feed = wanted.Feed,
        ListingKey = wanted.ListingKey,
        ListingUid = wanted.ListingUid,
        PhotoId = wanted.PhotoId,
        MediaKey = wanted.MediaKey,
        Version = wanted.Version,
        Generation = wanted.Generation,
        Profile = profile.Key,
        Original = new StoredImage
        {
            Key = OriginalKey(wanted),
            Width = record.Width,
            Height = record.Height,
            Bytes = record.Bytes,
            ContentType = record.ContentType,
        },
        Renditions = [.. profile.Renditions.Zip(record.Renditions, (rendition, made) => new StoredRendition
        {
            Name = rendition.Name,
            Key = KeyOf(wanted, rendition),
            Width = made.Width,
            Height = made.Height,
            Bytes = made.Bytes,
            ContentType = rendition.ContentType,
        })],
        Sha256 = record.Sha256,
        Copyright = record.Copyright,
        AlreadyStored = alreadyStored,
    };

    static string OriginalKey(WantedPhoto w) => StoreKeys.Original(w.Feed, w.ListingKey, w.MediaKey, w.Version);

    string KeyOf(WantedPhoto w, Rendition rendition) =>
        StoreKeys.Rendition(w.Feed, w.ListingKey, w.MediaKey, w.Version, profile.Key, rendition.Name, rendition.Extension);
}
