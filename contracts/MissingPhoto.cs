namespace ImagePipeline.Contracts;

/// <summary>One photo of a <see cref="PhotosReady"/> that is not there in the version wanted.</summary>
public sealed record MissingPhoto
{
    /// <summary>The photo's id.</summary>
    public required Guid PhotoId { get; init; }

    /// <summary>The photo's key in the feed.</summary>
    public required string MediaKey { get; init; }

    /// <summary>The version that is missing.</summary>
    public required string Version { get; init; }

    /// <summary>Why it is missing.</summary>
    public required MissingReason Reason { get; init; }

    /// <summary>Which way the data is bad; null unless the photo was rejected.</summary>
    public required PhotoRejection? Rejection { get; init; }

    /// <summary>The rejection's own sentence for people, the same for every photo; null unless the photo was rejected.</summary>
    public string? RejectionText { get; init; }

    /// <summary>One sentence for a person.</summary>
    public required string Detail { get; init; }

    /// <summary>True while it will be tried without anybody doing anything.</summary>
    public required bool WillBeRetried { get; init; }
}
