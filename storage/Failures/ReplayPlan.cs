namespace ImagePipeline.Storage.Failures;

/// <summary>What a replay would do.</summary>
public sealed record ReplayPlan
{
    /// <summary>What it would publish: a group and the queue it goes to, the largest first.</summary>
    public required IReadOnlyList<PlannedGroup> Groups { get; init; }

    /// <summary>How many messages that is.</summary>
    public long Messages => Groups.Sum(group => group.Messages);

    /// <summary>How many are left out because they have failed too often.</summary>
    public required long FailedTooOften { get; init; }

    /// <summary>How many are left out because they failed on the in-memory bus of one process.</summary>
    public required long InProcess { get; init; }

    /// <summary>How many are left out because another replay is to publish them.</summary>
    public required long Staged { get; init; }

    /// <summary>How many were replayed already.</summary>
    public required long Replayed { get; init; }

    /// <summary>How many were put aside.</summary>
    public required long Archived { get; init; }

    /// <summary>The latest replay of those that are staged or were replayed.</summary>
    public long? LatestReplay { get; init; }
}

/// <summary>A part of a <see cref="ReplayPlan"/>.</summary>
/// <param name="Group">The id of the <see cref="FailureGroup"/>.</param>
/// <param name="Queue">Where its messages go.</param>
/// <param name="MessageType">Their type.</param>
/// <param name="ExceptionType">The type of the exception.</param>
/// <param name="Pattern">Why they failed, without what differs from message to message.</param>
/// <param name="Messages">How many.</param>
/// <param name="Again">How many of them were replayed before and failed again.</param>
/// <param name="Oldest">When the first of them failed.</param>
public sealed record PlannedGroup(string Group, string Queue, string? MessageType, string? ExceptionType, string Pattern, long Messages, long Again, DateTimeOffset Oldest);
