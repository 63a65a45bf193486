using System.Globalization;
using System.Text.Json;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>
/// Reads one record of RESO's Property resource with its <c>Media</c> inline. Liberal in what it accepts of a field, strict in what it takes for a
/// photo set: a set that is not surely the whole set is refused, for photos missing from it would be deleted.
/// </summary>
static class ResoProperty
{
    public static FeedItem Read(JsonElement record, string feed, LeaseParameters leaseParameters, string where)
    {
        if (ResoFields.Of(record) is not { } property) return Refused("It is not a JSON object.", null);

        var key = property.Key("ListingKey");
        var listingId = DisplayText.Clean(property.Key("ListingId"));
        if (ListingKeys.WhyNot(key, "ListingKey") is { } why)
            return Refused(ListingKeys.WhyNot(listingId, "") is null ? $"{why} Its ListingId is {listingId}." : why, null);

        var withdrawn = Withdrawn(property);
        IReadOnlyList<PhotoRow> rows = [];
        if (withdrawn is null && ReadMedia(property, out rows) is { } whyNot) return Refused(whyNot, key);

        return new ReadListing
        {
            Feed = feed,
            ListingKey = key!,
            ListingId = listingId,
            ChangedAt = ChangedAt(property),
            Withdrawn = withdrawn,
            Photos = withdrawn is null ? PhotoSet.From(rows, leaseParameters) : [],
        };

        RefusedRecord Refused(string reason, string? listingKey) => new() { Where = where, Why = reason, ListingKey = listingKey };
    }

    static string? Withdrawn(ResoFields property)
    {
        if (property.Flag("MlgCanView") is false) return "The feed says MlgCanView false.";
        if (property.IsAny("StandardStatus", "Delete", "Deleted")) return "The feed says StandardStatus Delete.";
        if (property.IsAny("MlsStatus", "Delete", "Deleted")) return "The feed says MlsStatus Delete.";
        if (property.Flag("InternetEntireListingDisplayYN") is false) return "The feed says InternetEntireListingDisplayYN false.";
        return null;
    }

    // At some vendors the photos' timestamp moves without the record's (AMP), at others never (MLS Grid): the later of the two holds for all.
    static DateTimeOffset ChangedAt(ResoFields property)
    {
        var modified = property.Time("ModificationTimestamp") ?? DateTimeOffset.UnixEpoch;
        var photosChanged = property.Time("PhotosChangeTimestamp") ?? DateTimeOffset.UnixEpoch;
        return modified > photosChanged ? modified : photosChanged;
    }

    /// <summary>Null when <paramref name="rows"/> are all of the listing's photos; else a sentence that says why they cannot be known.</summary>
    static string? ReadMedia(ResoFields property, out IReadOnlyList<PhotoRow> rows)
    {
        rows = [];
        // A page asked for without $expand has no Media at all. Taken for "no photos", it would delete the photos of the whole feed.
        if (property.Value("Media") is not { } media)
            return property.Number("PhotosCount") is 0 ? null : "It has no Media; ask the API for $expand=Media.";
        if (media.ValueKind != JsonValueKind.Array) return "Its Media is not an array.";
        if (property.Value("Media@odata.nextLink") is not null)
            return "Its Media is only the first part of its photos; ask the API for more with $expand=Media($top=...).";

        var read = new List<PhotoRow>(media.GetArrayLength());
        var position = 0;
        foreach (var item in media.EnumerateArray())
        {
            if (ResoFields.Of(item) is not { } row)
                return string.Create(CultureInfo.InvariantCulture, $"Item {position + 1} of its Media is not a JSON object.");
            if (ResoMedia.IsPhoto(row)) read.Add(ResoMedia.Read(row, position));
            position++;
        }
        rows = read;
        return null;
    }
}
