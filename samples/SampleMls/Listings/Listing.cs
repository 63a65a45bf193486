using System.Collections.Immutable;

namespace ImagePipeline.SampleMls.Listings;

/// <summary>A listing as it is now; a change makes another.</summary>
sealed record Listing
{
    public required string Key { get; init; }
    public required string City { get; init; }
    public required int Price { get; init; }
    public required DateTimeOffset ModifiedAt { get; init; }
    public required DateTimeOffset PhotosChangedAt { get; init; }

    /// <summary>False when the listing may no longer be shown.</summary>
    public bool CanView { get; init; } = true;

    /// <summary>In order.</summary>
    public required ImmutableArray<ListingPhoto> Photos { get; init; }

    /// <summary>The number people know the listing by.</summary>
    public string ListingId => "SMP" + Key[1..];
}
