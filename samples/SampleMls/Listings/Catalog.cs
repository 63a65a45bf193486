using System.Collections.Immutable;
using ImagePipeline.SampleMls.Pictures;

namespace ImagePipeline.SampleMls.Listings;

/// <summary>
/// All listings, and their changes. Time here is a clock of its own that moves with each change, so that timestamps too are the same in
/// every run. Safe for concurrent use.
/// </summary>
sealed class Catalog
{
    static readonly DateTimeOffset Epoch = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly string[] Cities = ["Testville", "Maple Falls", "Cedar Point", "Lake Anders", "Old Harbor", "Fairmont"];

    readonly Lock _changing = new();
    readonly int _seed;
    readonly ScenePool _scenes;
    ImmutableSortedDictionary<string, Listing> _listings;
    int _number, _changes;

    public Catalog(SampleMlsOptions options)
    {
        (_seed, _scenes) = (options.Seed, new ScenePool(options));
        var counts = PhotoCounts.Draw(options);
        var listings = new Listing[counts.Length];
        _scenes.Draw(counts.Select((count, i) => (Key(i), count)));
        Parallel.For(0, counts.Length, i => listings[i] = Create(i, counts[i], Epoch.AddMinutes(i)));
        _listings = listings.ToImmutableSortedDictionary(listing => listing.Key, listing => listing, StringComparer.Ordinal);
        (_number, _changes) = (counts.Length, counts.Length);
    }

    /// <summary>In the order of their keys.</summary>
    public IReadOnlyList<Listing> All => [.. Volatile.Read(ref _listings).Values];

    public Listing? Find(string key) => Volatile.Read(ref _listings).GetValueOrDefault(key);

    /// <summary>Null when the photo is not, or no longer, there to be fetched.</summary>
    public ListingPhoto? Find(string key, int number) =>
        Find(key) is { CanView: true } listing ? listing.Photos.FirstOrDefault(photo => photo.Number == number) : null;

    public string Add(int photos)
    {
        lock (_changing)
        {
            var listing = Create(_number++, photos, Now());
            Volatile.Write(ref _listings, _listings.Add(listing.Key, listing));
            return listing.Key;
        }
    }

    public void Withdraw(string key) => Change(key, (listing, now) => listing with { CanView = false, ModifiedAt = now });

    /// <summary>Replaces a listing's photos; says when.</summary>
    public void ChangePhotos(string key, Func<ImmutableArray<ListingPhoto>, DateTimeOffset, IEnumerable<ListingPhoto>> change) =>
        Change(key, (listing, now) => listing with
        {
            Photos = [.. change(listing.Photos, now).OrderBy(photo => photo.Order)],
            ModifiedAt = now,
            PhotosChangedAt = now,
        });

    public void ChangePhoto(string key, int number, Func<ListingPhoto, DateTimeOffset, ListingPhoto> change)
    {
        if (Find(key)?.Photos.Any(photo => photo.Number == number) != true) throw new ArgumentException($"There is no photo {key}/{number}.");
        ChangePhotos(key, (photos, now) => photos.Select(photo => photo.Number == number ? change(photo, now) : photo));
    }

    public Picture Draw(string key, int number, int version) => _scenes.Photo(key, number, version);

    void Change(string key, Func<Listing, DateTimeOffset, Listing> change)
    {
        lock (_changing)
        {
            var listing = Find(key) ?? throw new ArgumentException($"There is no listing {key}.");
            Volatile.Write(ref _listings, _listings.SetItem(key, change(listing, Now())));
        }
    }

    DateTimeOffset Now() => Epoch.AddMinutes(_changes++);

    static string Key(int number) => $"S{1000 + number}";

    Listing Create(int number, int photos, DateTimeOffset now)
    {
        var (key, dice) = (Key(number), new Dice(_seed, "listing", number));
        return new Listing
        {
            Key = key,
            City = dice.Pick(Cities),
            Price = 1000 * (180 + dice.Below(900)),
            ModifiedAt = now,
            PhotosChangedAt = now,
            Photos = [.. Enumerable.Range(0, photos).Select(i => Create(key, i, now))],
        };
    }

    ListingPhoto Create(string key, int number, DateTimeOffset now)
    {
        var (kind, which) = ScenePool.KindOf(number);
        return new ListingPhoto
        {
            Name = $"{key}/{number}",
            Number = number,
            Order = number,
            Caption = Caption(kind, which),
            Kind = kind,
            Version = 1,
            ModifiedAt = now,
            Picture = Draw(key, number, 1),
        };
    }

    static string Caption(SceneKind kind, int which)
    {
        var words = kind switch
        {
            SceneKind.FrontOfStructure => "Front of the house",
            SceneKind.BackOfStructure => "Garden side with patio",
            SceneKind.LivingRoom => "Living room",
            SceneKind.DiningRoom => "Dining room",
            _ => kind.ToString(),
        };
        return which == 0 ? words : $"{words} {which + 1}";
    }
}
