namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>Reads one row of RESO's Media resource.</summary>
static class ResoMedia
{
    /// <summary>
    /// Whether the row is a photo of the property that we may fetch. A null or absent URL is a vendor's way to withhold a private photo; an empty or
    /// broken one is a mistake, which the website hears of as a missing photo.
    /// </summary>
    public static bool IsPhoto(ResoFields row) =>
        row.Value("MediaURL") is not null
        && (row.Value("MediaCategory") is null || row.IsAny("MediaCategory", "Photo"))
        && (row.Value("ResourceName") is null || row.IsAny("ResourceName", "Property"))
        && !row.IsAny("MediaStatus", "Deleted", "Delete", "Removed");

    public static PhotoRow Read(ResoFields row, int position) => new()
    {
        // What is no text is as good as empty, and told as such.
        Url = row.Text("MediaURL") ?? "",
        Key = row.Key("MediaKey"),
        ModifiedAt = row.Time("MediaModificationTimestamp"),
        Place = row.Number("Order") ?? decimal.MaxValue,
        Position = position,
        Order = row.Whole("Order"),
        Preferred = row.Flag("PreferredPhotoYN") is true,
        Caption = row.Words("LongDescription") ?? row.Words("ShortDescription"),
        Kind = row.Words("MediaCategory") ?? "Photo",
        Alteration = row.Texts("MediaAlteration"),
        Permissions = row.Texts("Permission"),
        Width = row.Whole("ImageWidth"),
        Height = row.Whole("ImageHeight"),
        Size = row.Words("ImageSizeDescription"),
        Picture = row.Key("MediaObjectID"),
    };
}
