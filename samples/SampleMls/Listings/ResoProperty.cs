using System.Text.Json.Serialization;

namespace ImagePipeline.SampleMls.Listings;

/// <summary>One page of the Property resource (RESO Web API Core 2.1); the JSON names are the property names.</summary>
sealed record ResoPage(
    [property: JsonPropertyName("@odata.context")] string Context,
    [property: JsonPropertyName("value")] IReadOnlyList<ResoProperty> Value,
    [property: JsonPropertyName("@odata.nextLink")] string? NextLink);

/// <summary>A listing on the wire (RESO Data Dictionary 2.0). A withdrawn one says little more than that it is.</summary>
sealed record ResoProperty
{
    public required string ListingKey { get; init; }
    public string? ListingId { get; init; }
    public required string OriginatingSystemName { get; init; }
    public string? StandardStatus { get; init; }
    public string? PropertyType { get; init; }
    public required bool MlgCanView { get; init; }
    public IReadOnlyList<string>? MlgCanUse { get; init; }
    public int? ListPrice { get; init; }
    public string? City { get; init; }
    public required DateTimeOffset ModificationTimestamp { get; init; }
    public DateTimeOffset? PhotosChangeTimestamp { get; init; }
    public int? PhotosCount { get; init; }
    public IReadOnlyList<ResoMedia>? Media { get; init; }

    public static ResoProperty Of(Listing listing, SampleMlsOptions options, string address) => listing.CanView
        ? new ResoProperty
        {
            ListingKey = listing.Key,
            ListingId = listing.ListingId,
            OriginatingSystemName = options.Feed,
            StandardStatus = "Active",
            PropertyType = "Residential",
            MlgCanView = true,
            MlgCanUse = ["IDX", "VOW"],
            ListPrice = listing.Price,
            City = listing.City,
            ModificationTimestamp = listing.ModifiedAt,
            PhotosChangeTimestamp = listing.PhotosChangedAt,
            PhotosCount = listing.Photos.Length,
            Media = [.. listing.Photos.Select(photo => ResoMedia.Of(photo, listing, options, address))],
        }
        : new ResoProperty
        {
            ListingKey = listing.Key,
            OriginatingSystemName = options.Feed,
            MlgCanView = false,
            ModificationTimestamp = listing.ModifiedAt,
        };
}

/// <summary>A photo on the wire.</summary>
sealed record ResoMedia
{
    public required string MediaKey { get; init; }
    public required string MediaURL { get; init; }
    public required string MediaCategory { get; init; }
    public required string MediaType { get; init; }
    public required string ResourceName { get; init; }
    public required string ResourceRecordKey { get; init; }
    public required int Order { get; init; }
    public required bool PreferredPhotoYN { get; init; }
    public required int ImageWidth { get; init; }
    public required int ImageHeight { get; init; }
    public required string ImageOf { get; init; }
    public required string ShortDescription { get; init; }
    public required IReadOnlyList<string> Permission { get; init; }
    public required DateTimeOffset MediaModificationTimestamp { get; init; }

    public static string Key(ListingPhoto photo) => photo.Name.Replace('/', '-');

    public static string Url(ListingPhoto photo, string address) => $"{address}/photos/{photo.Name}.jpg";

    public static ResoMedia Of(ListingPhoto photo, Listing listing, SampleMlsOptions options, string address) => new()
    {
        MediaKey = Key(photo),
        MediaURL = Url(photo, address),
        MediaCategory = "Photo",
        MediaType = "Jpeg",
        ResourceName = "Property",
        ResourceRecordKey = listing.Key,
        Order = photo.Order,
        PreferredPhotoYN = photo.Order == 0,
        ImageWidth = options.Width,
        ImageHeight = options.Height,
        ImageOf = photo.Kind.ToString(),
        ShortDescription = photo.Caption,
        Permission = ["Public"],
        MediaModificationTimestamp = photo.ModifiedAt,
    };
}
