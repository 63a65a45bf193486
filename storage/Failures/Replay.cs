namespace ImagePipeline.Storage.Failures;

/// <summary>A replay, or another thing that somebody did with failed messages.</summary>
public sealed record Replay
{
    /// <summary>Its number; they count from 1.</summary>
    public required long Number { get; init; }

    /// <summary><c>replay</c>, <c>archive</c> or <c>restore</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Who asked for it, and what for.</summary>
    public required Asked Asked { get; init; }

    /// <summary>How far it is, or how it ended.</summary>
    public required ReplayState State { get; init; }

    /// <summary>How many messages it is about.</summary>
    public required int Messages { get; init; }

    /// <summary>How many of them were published, as far as that is recorded and their rows are still kept.</summary>
    public required long Sent { get; init; }

    /// <summary>How many of them are still to be published.</summary>
    public required long Waiting { get; init; }

    /// <summary>How long the claim of the process that is at it holds; in the past where none is.</summary>
    public required DateTimeOffset ClaimedUntil { get; init; }

    /// <summary>How many of them have failed again since.</summary>
    public required long CameBack { get; init; }

    /// <summary>How it goes about it.</summary>
    public required ReplayPace Pace { get; init; }

    /// <summary>Why it ended or was interrupted, as one sentence; null where that needs none.</summary>
    public string? Why { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended or was interrupted; null while it runs.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>Who asked, and for what, as a person would say it.</summary>
public sealed record Asked(string By, string What);

/// <summary>How a replay goes about its messages.</summary>
/// <param name="PerSecond">How many it publishes a second at most; null for as many as the broker confirms.</param>
/// <param name="IsCanary">Whether it publishes 1, 5, 25, … and looks after each whether they come back.</param>
public sealed record ReplayPace(double? PerSecond, bool IsCanary)
{
    /// <summary>All of them, at once.</summary>
    public static ReplayPace AsFastAsPossible { get; } = new(null, false);
}

/// <summary>A process that is at a replay.</summary>
/// <param name="Id">An id that no other process has.</param>
/// <param name="ClaimTime">How long its claim holds when it is not renewed.</param>
public sealed record ReplayOwner(string Id, TimeSpan ClaimTime);

/// <summary>How far a replay is, or how it ended.</summary>
public enum ReplayState
{
    /// <summary>It publishes, or the process that did was killed.</summary>
    Running,

    /// <summary>Somebody asked for a pause; it can be gone on with.</summary>
    Paused,

    /// <summary>It stopped by itself, because messages came back or cannot be published; it can be gone on with.</summary>
    Stopped,

    /// <summary>Somebody has called it off; what was not published waits as before.</summary>
    Cancelled,

    /// <summary>All is published.</summary>
    Done,
}
