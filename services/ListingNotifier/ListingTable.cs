using Dapper;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Sagas;

namespace ImagePipeline.ListingNotifier;

/// <summary>
/// The columns beside the saga's body: what is due, who is at it, and what was announced. The saga never writes the last two, so claiming and
/// announcing never conflict with it.
/// </summary>
public sealed class ListingTable(PipelineDatabase database, TimeProvider time)
{
    const string Due = """
        (removing = 1
         OR (settled = 1 AND asked > announced_asked)
         OR (complete = 1 AND announcement > announced)
         OR (announcement > announced AND deadline_from <= @deadline AND COALESCE(announced_at, 0) <= @deadline))
        """;

    /// <summary>How the saga is kept: its counts and what makes it due, beside the body.</summary>
    internal static SagaTableOptions<ListingState> Options(Action<ListingState>? committed = null) => new()
    {
        Table = "listing_saga",
        Committed = committed,
        Columns = new Dictionary<string, Func<ListingState, object?>>
        {
            ["feed"] = s => s.Feed,
            ["listing_key"] = s => s.ListingKey,
            ["generation"] = s => s.Generation,
            ["photos"] = s => s.Photos.Count,
            ["stored"] = s => s.Count(OutcomeKind.Stored),
            ["rejected"] = s => s.Count(OutcomeKind.Rejected),
            ["failed"] = s => s.Count(OutcomeKind.Failed),
            ["announcement"] = s => s.Announcement,
            ["asked"] = s => s.Asked,
            ["settled"] = s => s.IsSettled ? 1 : 0,
            ["complete"] = s => s.IsComplete ? 1 : 0,
            ["deadline_from"] = s => s.DeadlineFrom?.ToUnixTimeMilliseconds(),
            ["withdrawn"] = s => s.Withdrawn is null ? 0 : 1,
            ["removing"] = s => s.Removing ? 1 : 0,
            ["backfill"] = s => s.Backfill,
        },
    };

    /// <summary>Up to 500 listings that have something to announce or to remove and that nobody has claimed.</summary>
    internal async Task<IReadOnlyList<Guid>> FindDueAsync(DateTimeOffset now, TimeSpan deadline, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var ids = await connection.QueryAsync<string>(new CommandDefinition(
            $"SELECT correlation_id FROM listing_saga WHERE (announcement > announced OR asked > announced_asked OR removing = 1) "
            + $"AND claimed_until < @now AND {Due} ORDER BY updated_at LIMIT 500",
            new { now = now.ToUnixTimeMilliseconds(), deadline = (now - deadline).ToUnixTimeMilliseconds() }, cancellationToken: cancellation));
        return [.. ids.Select(Guid.Parse)];
    }

    /// <summary>Claims a listing if something is due and nobody else has it; null otherwise.</summary>
    internal async Task<ListingClaim?> ClaimAsync(Guid listingUid, TimeSpan deadline, TimeSpan claimTime, CancellationToken cancellation)
    {
        var claim = Guid.NewGuid().ToString();
        var now = time.GetUtcNow();
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var announcedFinal = await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            $"UPDATE listing_saga SET claimed_by = @claim, claimed_until = @until WHERE correlation_id = @id AND claimed_until < @now AND {Due} RETURNING announced_final",
            new
            {
                claim,
                id = listingUid.ToString(),
                now = now.ToUnixTimeMilliseconds(),
                until = (now + claimTime).ToUnixTimeMilliseconds(),
                deadline = (now - deadline).ToUnixTimeMilliseconds(),
            },
            cancellationToken: cancellation));
        return announcedFinal is { } final ? new ListingClaim(this, listingUid, claim, final, now + claimTime, claimTime, time) : null;
    }

    /// <summary>Keeps a claim until <paramref name="until"/>. False when another process has taken over.</summary>
    internal Task<bool> RenewAsync(Guid listingUid, string claim, DateTimeOffset until, CancellationToken cancellation) => UpdateAsync(
        "claimed_until = @until WHERE correlation_id = @id AND claimed_by = @claim",
        new { id = listingUid.ToString(), claim, until = until.ToUnixTimeMilliseconds() },
        cancellation);

    /// <summary>Records what was announced and gives the listing free. False, and nothing recorded, when another process has taken over.</summary>
    internal Task<bool> AnnouncedAsync(ListingState state, ListingClaim claim, CancellationToken cancellation) => UpdateAsync(
        """
        announced = @announcement, announced_asked = @asked, announced_at = @now, announced_final = @final, claimed_by = NULL, claimed_until = 0
        WHERE correlation_id = @id AND claimed_by = @claim
        """,
        new
        {
            id = state.CorrelationId.ToString(),
            claim = claim.Id,
            announcement = state.Announcement,
            asked = state.Asked,
            final = state.IsSettled ? Math.Max(state.Generation, claim.AnnouncedFinal) : claim.AnnouncedFinal,
            now = time.GetUtcNow().ToUnixTimeMilliseconds(),
        },
        cancellation);

    /// <summary>Makes the listing due for what was last announced, also where a process is just at it: that one is not to record that it is done.</summary>
    internal Task AnnounceAgainAsync(Guid listingUid, CancellationToken cancellation) => UpdateAsync(
        "announced = 0, announced_asked = 0, claimed_by = NULL, claimed_until = 0 WHERE correlation_id = @id", new { id = listingUid.ToString() }, cancellation);

    /// <summary>Gives the listing free without an announcement.</summary>
    internal Task ReleaseAsync(Guid listingUid, ListingClaim claim, CancellationToken cancellation) => UpdateAsync(
        "claimed_by = NULL, claimed_until = 0 WHERE correlation_id = @id AND claimed_by = @claim", new { id = listingUid.ToString(), claim = claim.Id }, cancellation);

    /// <summary>How many listings there are of each feed in each state: from an index alone, so that a million takes a moment.</summary>
    internal async Task<IReadOnlyList<ListingCount>> CountAsync(CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<ListingCount>(new CommandDefinition(
            """
            SELECT feed AS Feed,
                CASE WHEN withdrawn = 1 THEN 'withdrawn' WHEN complete = 1 THEN 'complete' WHEN settled = 1 THEN 'incomplete' ELSE 'pending' END AS State,
                CAST(SUM(listings) AS BIGINT) AS Listings
            FROM (SELECT feed, withdrawn, complete, settled, COUNT(*) AS listings FROM listing_saga WHERE feed IS NOT NULL
                GROUP BY feed, withdrawn, complete, settled) AS counted
            GROUP BY 1, 2
            """,
            cancellationToken: cancellation))];
    }

    async Task<bool> UpdateAsync(string set, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition($"UPDATE listing_saga SET {set}", parameters, cancellationToken: cancellation)) == 1;
    }
}
