using ImagePipeline.Contracts;

namespace ImagePipeline.PhotoWorker;

/// <summary>Which photo of which listing, in which version: all that its keys and its record need, and no address to fetch it from.</summary>
sealed record WantedPhoto
{
    public required string Feed { get; init; }

    public required string ListingKey { get; init; }

    public required Guid ListingUid { get; init; }

    public required Guid PhotoId { get; init; }

    public required string MediaKey { get; init; }

    public required string Version { get; init; }

    /// <summary>The generation that asked.</summary>
    public required long Generation { get; init; }

    public static WantedPhoto Of(PhotoRequested request) => new()
    {
        Feed = request.Feed,
        ListingKey = request.ListingKey,
        ListingUid = request.ListingUid,
        PhotoId = request.PhotoId,
        MediaKey = request.MediaKey,
        Version = request.Version,
        Generation = request.Generation,
    };
}
