using System.Collections.Concurrent;
using ImagePipeline.Contracts;

namespace WebsiteCs;

sealed record Listing(long Announcement, bool Complete, IReadOnlyList<Photo> Photos);

sealed record Photo(string? Caption, IReadOnlyDictionary<string, string> Urls);

// What the website shows. A real one keeps it in its database.
sealed class Listings(string photosUrl)
{
    readonly ConcurrentDictionary<Guid, Listing> _all = new();

    public Listing? Find(string feed, string listingKey) => _all.GetValueOrDefault(Identity.ListingUid(feed, listingKey));

    public Task ApplyAsync(PhotosReady ready)
    {
        if (!_all.TryGetValue(ready.ListingUid, out var listing) || listing.Announcement < ready.Announcement)
            _all[ready.ListingUid] = new Listing(ready.Announcement, ready.Complete, [.. ready.Photos.Select(Shown)]);
        return Task.CompletedTask;
    }

    public Task RemoveAsync(PhotosRemoved removed)
    {
        var listing = _all.GetValueOrDefault(removed.ListingUid, new Listing(0, true, []));
        var gone = removed.Keys.Select(Url).ToHashSet(); // Tell the CDN to forget them, too.
        var kept = listing.Photos.Where(photo => !photo.Urls.Values.Any(gone.Contains));
        _all[removed.ListingUid] = listing with { Photos = removed.Scope == RemovalScope.Listing ? [] : [.. kept] };
        return Task.CompletedTask;
    }

    Photo Shown(ReadyPhoto photo) => new(photo.Caption, photo.Renditions.ToDictionary(rendition => rendition.Name, rendition => Url(rendition.Key)));

    // A key may have a % in it, which is part of the object's name.
    string Url(string key) => string.Join('/', [photosUrl, .. key.Split('/').Select(Uri.EscapeDataString)]);
}
