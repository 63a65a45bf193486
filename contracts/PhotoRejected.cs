namespace ImagePipeline.Contracts;

/// <summary>
/// Sent by PhotoWorker, read by ListingNotifier: the data is bad and trying again will not help. An outcome, not a failure: nobody is
/// woken, and nothing lands in an error queue.
/// </summary>
public sealed record PhotoRejected
{
    /// <summary>The feed's id.</summary>
    public required string Feed { get; init; }

    /// <summary>The listing's key in the feed.</summary>
    public required string ListingKey { get; init; }

    /// <summary>The listing's id, and the correlation id.</summary>
    public required Guid ListingUid { get; init; }

    /// <summary>The photo's id.</summary>
    public required Guid PhotoId { get; init; }

    /// <summary>The photo's key in the feed.</summary>
    public required string MediaKey { get; init; }

    /// <summary>The version rejected.</summary>
    public required string Version { get; init; }

    /// <summary>The generation that asked; information only.</summary>
    public required long Generation { get; init; }

    /// <summary>Which of the known ways in which data can be bad.</summary>
    public required PhotoRejection Reason { get; init; }

    /// <summary>One sentence for a person; never a URL's secret part.</summary>
    public required string Detail { get; init; }
}
