namespace ImagePipeline.Storage.Failures;

/// <summary>A message that failed for good, as it was in its queue, and what is known of why.</summary>
public sealed record FailedMessage
{
    /// <summary>Its id in <c>imagepipe errors</c>: 16 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Where it stands.</summary>
    public required FailureState State { get; init; }

    /// <summary>The id of its <see cref="FailureGroup"/>.</summary>
    public required string Group { get; init; }

    /// <summary>Which kind of queue it was found in.</summary>
    public required FailureKind Kind { get; init; }

    /// <summary>The queue it failed on; a replay sends it there.</summary>
    public required string Queue { get; init; }

    /// <summary>The queue it was found in.</summary>
    public required string FoundIn { get; init; }

    /// <summary>True when it failed on the in-memory bus of one process: nothing can be sent there any more.</summary>
    public required bool InProcess { get; init; }

    /// <summary>The message's own id; null where its sender gave it none.</summary>
    public string? MessageId { get; init; }

    /// <summary>The message's type without its namespace, such as <c>PhotoRequested</c>; null when the message cannot be read.</summary>
    public string? MessageType { get; init; }

    /// <summary>The type of the exception; null where none was thrown, as for a parked message.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>Why it failed, as it was said. May hold URLs: not to be shown as it is.</summary>
    public required string Reason { get; init; }

    /// <summary><see cref="Reason"/> without what differs from message to message.</summary>
    public required string Pattern { get; init; }

    /// <summary>The first frame of our own code on the stack; null where there is none.</summary>
    public string? Frame { get; init; }

    /// <summary>The stack, as the bus wrote it.</summary>
    public string? StackTrace { get; init; }

    /// <summary>The feed it is about, where the message names one.</summary>
    public string? Feed { get; init; }

    /// <summary>The listing it is about, where the message names one.</summary>
    public string? ListingKey { get; init; }

    /// <summary>The photo it is about, where the message names one.</summary>
    public string? PhotoId { get; init; }

    /// <summary>The id of the first failure of the same message; its own where this is the first.</summary>
    public required string FirstId { get; init; }

    /// <summary>The how many-th failure of the message this is; 1 for the first.</summary>
    public required int Failures { get; init; }

    /// <summary>The replay after which it came back; null where it was not replayed before.</summary>
    public long? FromReplay { get; init; }

    /// <summary>The latest replay that it is part of.</summary>
    public long? Replay { get; init; }

    /// <summary>When it failed.</summary>
    public required DateTimeOffset FailedAt { get; init; }

    /// <summary>When it was taken out of its queue.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>AMQP properties and headers, as bytes; empty for a message of the in-memory bus, and where messages are listed.</summary>
    public byte[] Properties { get; init; } = [];

    /// <summary>The body's bytes; empty where messages are listed.</summary>
    public byte[] Body { get; init; } = [];
}

/// <summary>Where a failed message stands.</summary>
public enum FailureState
{
    /// <summary>Nobody has done anything about it.</summary>
    Failed,

    /// <summary>A replay will publish it, or has just done so.</summary>
    Staged,

    /// <summary>It was sent again. When it fails again it has another row.</summary>
    Replayed,

    /// <summary>Somebody has put it aside.</summary>
    Archived,
}

/// <summary>The kinds of queues that hold what failed for good.</summary>
public enum FailureKind
{
    /// <summary><c>{queue}_error</c>: its consumer threw, and so did each retry.</summary>
    Error,

    /// <summary><c>{queue}_skipped</c>: no consumer of its queue takes this message.</summary>
    Skipped,

    /// <summary><c>parking</c>: given back so often that it was taken for what ends its worker.</summary>
    Parked,

    /// <summary><c>photo-requested-unrouted</c>: no lane takes it.</summary>
    Unrouted,
}
