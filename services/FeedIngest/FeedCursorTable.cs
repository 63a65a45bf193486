using Dapper;
using ImagePipeline.Storage.Database;

namespace ImagePipeline.FeedIngest;

/// <summary>Who reads each feed and when it was last read, in the table <c>feed_cursor</c>: what makes several processes read a feed once.</summary>
public sealed class FeedCursorTable(PipelineDatabase database)
{
    /// <summary>
    /// Claims the reading of a feed until <paramref name="until"/>, if nobody has claimed it for longer than <paramref name="free"/> and no reading has
    /// ended after <paramref name="due"/>. Null otherwise.
    /// </summary>
    internal async Task<string?> ClaimAsync(string feed, DateTimeOffset until, DateTimeOffset free, DateTimeOffset due, CancellationToken cancellation)
    {
        var claim = Guid.NewGuid().ToString();
        return await ExecuteAsync(
            """
            INSERT INTO feed_cursor (feed, claimed_by, claimed_until) VALUES (@feed, @claim, @until)
            ON CONFLICT (feed) DO UPDATE SET claimed_by = @claim, claimed_until = @until
            WHERE feed_cursor.claimed_until <= @free AND feed_cursor.tried_at <= @due
            """,
            new { feed, claim, until = Ms(until), free = Ms(free), due = Ms(due) },
            cancellation) ? claim : null;
    }

    /// <summary>Keeps a claim until <paramref name="until"/>. False when another process has taken the feed over.</summary>
    internal Task<bool> RenewAsync(string feed, string claim, DateTimeOffset until, CancellationToken cancellation) => ExecuteAsync(
        "UPDATE feed_cursor SET claimed_until = @until WHERE feed = @feed AND claimed_by = @claim", new { feed, claim, until = Ms(until) }, cancellation);

    /// <summary>Records that a reading has ended, and gives the feed free. False when another process has taken it over.</summary>
    internal Task<bool> EndAsync(string feed, string claim, DateTimeOffset now, bool complete, CancellationToken cancellation) => ExecuteAsync(
        "UPDATE feed_cursor SET claimed_by = NULL, claimed_until = 0, tried_at = @now, read_at = COALESCE(@readAt, read_at) WHERE feed = @feed AND claimed_by = @claim",
        new { feed, claim, now = Ms(now), readAt = complete ? Ms(now) : (long?)null },
        cancellation);

    /// <summary>Gives the feed free in the middle of a reading: the next one is due at once.</summary>
    internal Task ReleaseAsync(string feed, string claim, CancellationToken cancellation) => ExecuteAsync(
        "UPDATE feed_cursor SET claimed_by = NULL, claimed_until = 0 WHERE feed = @feed AND claimed_by = @claim", new { feed, claim }, cancellation);

    /// <summary>How the reading of a feed stands; null when nobody ever began to read it.</summary>
    public async Task<FeedCursor?> FindAsync(string feed, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            "SELECT claimed_until AS ClaimedUntil, tried_at AS TriedAt, read_at AS ReadAt FROM feed_cursor WHERE feed = @feed",
            new { feed }, cancellationToken: cancellation));
        return row is null ? null : new FeedCursor(Time(row.ClaimedUntil), Time(row.TriedAt), row.ReadAt is { } readAt ? Time(readAt) : null);
    }

    async Task<bool> ExecuteAsync(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellation)) == 1;
    }

    static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    sealed record Row
    {
        public required long ClaimedUntil { get; init; }

        public required long TriedAt { get; init; }

        public long? ReadAt { get; init; }
    }
}

/// <summary>How the reading of a feed stands, in all processes together.</summary>
/// <param name="ClaimedUntil">Until when a process has it to itself; in the past when none does.</param>
/// <param name="TriedAt">When the last reading ended, complete or not.</param>
/// <param name="ReadAt">When it was last read to its end; null when it never was.</param>
public sealed record FeedCursor(DateTimeOffset ClaimedUntil, DateTimeOffset TriedAt, DateTimeOffset? ReadAt);
