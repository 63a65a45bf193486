namespace ImagePipeline.Contracts;

/// <summary>
/// Sent by ListingNotifier, read by the website: these objects are gone. Sent after they were deleted, at least once; the keys are there
/// so that a CDN can forget them too.
/// </summary>
public sealed record PhotosRemoved
{
    /// <summary>The feed's id.</summary>
    public required string Feed { get; init; }

    /// <summary>The listing's key in the feed.</summary>
    public required string ListingKey { get; init; }

    /// <summary>The listing's id, and the correlation id.</summary>
    public required Guid ListingUid { get; init; }

    /// <summary>Whether the whole listing is gone or some of its photos.</summary>
    public required RemovalScope Scope { get; init; }

    /// <summary>One sentence: why they were removed.</summary>
    public required string Why { get; init; }

    /// <summary>The keys of the objects that are gone; at most 500 of them in one message.</summary>
    public required IReadOnlyList<string> Keys { get; init; }
}
