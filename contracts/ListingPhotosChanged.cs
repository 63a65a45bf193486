namespace ImagePipeline.Contracts;

/// <summary>
/// Sent by FeedIngest, read by ListingNotifier: the photos that a listing now has. Always the whole set, also when it is empty.
/// Of two, the one with the higher (<see cref="Generation"/>, <see cref="Ask"/>) holds; the others change nothing.
/// </summary>
public sealed record ListingPhotosChanged
{
    /// <summary>The feed's id.</summary>
    public required string Feed { get; init; }

    /// <summary>The listing's key in the feed.</summary>
    public required string ListingKey { get; init; }

    /// <summary>The listing's id, and the correlation id of all that concerns it.</summary>
    public required Guid ListingUid { get; init; }

    /// <summary>The MLS number people know the listing by.</summary>
    public required string? ListingId { get; init; }

    /// <summary>Grows with every change of the set or of its presentation.</summary>
    public required long Generation { get; init; }

    /// <summary>How often this generation was asked for before: its failed photos are tried anew with each further ask.</summary>
    public required int Ask { get; init; }

    /// <summary>The photos, in the order to show them.</summary>
    public required IReadOnlyList<ListedPhoto> Photos { get; init; }

    /// <summary>When the feed changed the listing.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>True when someone is waiting for this listing.</summary>
    public required bool Urgent { get; init; }
}
