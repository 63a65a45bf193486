namespace ImagePipeline.Storage.Failures;

/// <summary>A group of failed messages: one trouble, as far as can be told.</summary>
public sealed record FailureGroupRow
{
    /// <summary>Its id: 8 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>How many messages.</summary>
    public required long Messages { get; init; }

    /// <summary>How many of them had failed before and were replayed since.</summary>
    public required long Again { get; init; }

    /// <summary>How many of them a replay is about to publish.</summary>
    public required long Staged { get; init; }

    /// <summary>When the first of them failed.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When the last of them failed.</summary>
    public required DateTimeOffset Latest { get; init; }

    /// <summary>Which kind of queue they were found in.</summary>
    public required FailureKind Kind { get; init; }

    /// <summary>The queue they failed on.</summary>
    public required string Queue { get; init; }

    /// <summary>The messages' type.</summary>
    public string? MessageType { get; init; }

    /// <summary>The exception's type.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>The reason, without what differs from message to message.</summary>
    public required string Pattern { get; init; }

    /// <summary>The first frame of our own code.</summary>
    public string? Frame { get; init; }

    /// <summary>The id of one of them.</summary>
    public required string ExampleId { get; init; }

    /// <summary>The feed that one is about.</summary>
    public string? ExampleFeed { get; init; }

    /// <summary>The listing that one is about.</summary>
    public string? ExampleListingKey { get; init; }

    /// <summary>The photo that one is about.</summary>
    public string? ExamplePhotoId { get; init; }

    /// <summary>Whether that one failed on the in-memory bus of one process.</summary>
    public required bool InProcess { get; init; }

    /// <summary>How many feeds they are about; 0 where their messages name none.</summary>
    public required long Feeds { get; init; }
}

/// <summary>How many messages of a group that are about a feed stand somewhere.</summary>
public sealed record FeedFailures(string? Feed, FailureState State, long Messages);
