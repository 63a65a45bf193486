namespace ImagePipeline.Storage.Failures;

/// <summary>How much there is of what failed for good and that nobody has dealt with.</summary>
/// <param name="Messages">How many messages.</param>
/// <param name="Oldest">When the oldest of them failed; null when there is none.</param>
/// <param name="Largest">The largest groups of them.</param>
public sealed record UnresolvedFailures(long Messages, DateTimeOffset? Oldest, IReadOnlyList<UnresolvedGroup> Largest)
{
    /// <summary>Nothing.</summary>
    public static UnresolvedFailures None { get; } = new(0, null, []);
}

/// <summary>A group of such messages.</summary>
public sealed record UnresolvedGroup
{
    /// <summary>The group's id.</summary>
    public required string Id { get; init; }

    /// <summary>The queue they failed on.</summary>
    public required string Queue { get; init; }

    /// <summary>The type of the exception; null where none was thrown.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>How many messages.</summary>
    public required long Messages { get; init; }
}
