using System.Text.Json;
using System.Text.Json.Serialization;
using ImagePipeline.Contracts;

namespace ImagePipeline.SampleMls.Listings;

/// <summary>The listings in the shapes that FeedIngest reads.</summary>
sealed class FeedWriter(Catalog catalog, SampleMlsOptions options)
{
    static readonly JsonSerializerOptions Reso = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    /// <summary>Some listings as a RESO page.</summary>
    public byte[] Page(IEnumerable<Listing> listings, string address, string? nextLink = null)
    {
        var records = listings.Select(listing => ResoProperty.Of(listing, options, address)).ToList();
        return JsonSerializer.SerializeToUtf8Bytes(new ResoPage($"{address}/$metadata#Property", records, nextLink), Reso);
    }

    /// <summary>All listings as one RESO page.</summary>
    public byte[] Page(string address) => Page(catalog.All, address);

    /// <summary>All listings, a <see cref="ListingPhotosSubmitted"/> per line.</summary>
    public byte[] Ndjson(string address)
    {
        using var lines = new MemoryStream();
        foreach (var listing in catalog.All)
        {
            JsonSerializer.Serialize(lines, Submitted(listing, address), Web);
            lines.WriteByte((byte)'\n');
        }

        return lines.ToArray();
    }

    ListingPhotosSubmitted Submitted(Listing listing, string address) => new()
    {
        Feed = options.Feed,
        ListingKey = listing.Key,
        ListingId = listing.ListingId,
        ChangedAt = listing.ModifiedAt,
        Withdrawn = !listing.CanView,
        Photos = !listing.CanView ? [] :
        [
            .. listing.Photos.Select(photo => new SubmittedPhoto
            {
                Url = ResoMedia.Url(photo, address),
                Key = ResoMedia.Key(photo),
                ModifiedAt = photo.ModifiedAt,
                Order = photo.Order,
                Preferred = photo.Order == 0,
                Caption = photo.Caption,
                Permissions = ["Public"],
            }),
        ],
    };
}
