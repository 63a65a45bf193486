using System.Globalization;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>Makes of a feed's rows a listing's photos: each picture once, in display order, one of them primary.</summary>
static class PhotoSet
{
    // What RESO allows a MediaKey. Longer ones would not fit into a store key.
    const int MaxKeyLength = 255;

    public static IReadOnlyList<ReadPhoto> From(IReadOnlyList<PhotoRow> rows, LeaseParameters leaseParameters)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var photos = LargestSizes(rows)
            .Select(row => row with { Key = Key(row, leaseParameters, seen) })
            .GroupBy(row => row.Key!, StringComparer.Ordinal)
            .Select(same => Largest([.. same]))
            .OrderBy(row => row.Place).ThenBy(row => row.Position).ThenBy(row => row.Key, StringComparer.Ordinal)
            .ToList();

        // The feed's preferred photo, the first where it prefers several; else the first of all.
        var primary = Math.Max(0, photos.FindIndex(row => row.Preferred));
        return [.. photos.Select((row, index) => Photo(row, PhotoUrl.Read(row.Url, leaseParameters), primary: index == primary))];
    }

    static ReadPhoto Photo(PhotoRow row, PhotoUrl url, bool primary) => new()
    {
        MediaKey = row.Key!,
        Version = PhotoVersion.Of(row.ModifiedAt, url, row.Width, row.Height),
        Url = row.Url,
        ExpiresAt = row.ExpiresAt ?? url.ExpiresAt,
        SingleUse = row.SingleUse,
        Order = row.Order,
        Primary = primary,
        Caption = row.Caption,
        Kind = row.Kind,
        Alteration = row.Alteration,
        Permissions = row.Permissions,
    };

    static string Key(PhotoRow row, LeaseParameters leaseParameters, Dictionary<string, int> seen)
    {
        if (!string.IsNullOrWhiteSpace(row.Key))
            return row.Key.Length <= MaxKeyLength && !row.Key.Any(char.IsControl) ? row.Key : "key-" + PhotoVersion.Hash(row.Key);

        var key = "url-" + PhotoVersion.Hash(PhotoUrl.Read(row.Url, leaseParameters).Identity);
        var times = seen[key] = seen.GetValueOrDefault(key) + 1;
        return times == 1 ? key : string.Create(CultureInfo.InvariantCulture, $"{key}-{times}");
    }

    // Rows are sizes of one picture only where each of them names its size and no size comes twice: nothing else about MediaObjectID is
    // sure across vendors, and a photo too many does less harm than a photo lost.
    static IEnumerable<PhotoRow> LargestSizes(IReadOnlyList<PhotoRow> rows) =>
        rows.GroupBy(row => row.Picture ?? $"\n{row.Position}", StringComparer.Ordinal)
            .SelectMany(picture => AreSizes([.. picture]) ? [Largest([.. picture])] : picture.AsEnumerable())
            .OrderBy(row => row.Position);

    static bool AreSizes(List<PhotoRow> rows) =>
        rows.Count > 1
        && rows.TrueForAll(row => row.Size is not null)
        && rows.DistinctBy(row => row.Size, StringComparer.OrdinalIgnoreCase).Count() == rows.Count;

    // The largest row stands for all of them, in the place of the first of them. Pixels decide only where every row gives them.
    static PhotoRow Largest(List<PhotoRow> rows)
    {
        if (rows.Count == 1) return rows[0];
        var comparable = rows.TrueForAll(row => row.Pixels > 0);
        var largest = rows
            .OrderByDescending(row => comparable ? row.Pixels : 0)
            .ThenByDescending(row => Rank(row.Size))
            .ThenByDescending(row => row.Pixels)
            .ThenByDescending(row => row.ModifiedAt)
            .ThenBy(row => row.Position)
            .First();
        return largest with
        {
            Place = rows.Min(row => row.Place),
            Position = rows.Min(row => row.Position),
            Order = largest.Order ?? rows.Find(row => row.Order is not null)?.Order,
            Preferred = rows.Exists(row => row.Preferred),
        };
    }

    // The names of RESO's ImageSizeDescription; a row without one is as good as a medium one.
    static int Rank(string? size) => new string([.. (size ?? "").Where(char.IsAsciiLetter).Select(char.ToLowerInvariant)]) switch
    {
        "thumbnail" or "thumb" => 1,
        "small" => 2,
        "large" => 4,
        "xlarge" => 5,
        "largest" or "original" => 6,
        _ => 3,
    };
}
