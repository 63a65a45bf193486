using ImagePipeline.SampleMls.Pictures;

namespace ImagePipeline.SampleMls.Listings;

/// <summary>A photo of a listing as it is now.</summary>
sealed record ListingPhoto
{
    /// <summary>The photo's name everywhere: <c>listing/number</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its number in its address, for ever; its first <see cref="Order"/>.</summary>
    public required int Number { get; init; }

    public required int Order { get; init; }
    public required string Caption { get; init; }
    public required SceneKind Kind { get; init; }

    /// <summary>How often its bytes were set: 1 at the start.</summary>
    public required int Version { get; init; }

    public required DateTimeOffset ModifiedAt { get; init; }
    public required Picture Picture { get; init; }
}
