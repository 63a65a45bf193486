using Dapper;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Sagas;

namespace ImagePipeline.ListingNotifier;

/// <summary>
/// The columns beside the saga's body: what is due, who is at it, and what was announced. The saga never writes the last two, so claiming and
/// announcing never conflict with it.
/// </summary>
public sealed class ListingTable(PipelineDatabase database)
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
            ["removing"] = s => s.Removing ? 1 : 0,
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
    internal async Task<string?> ClaimAsync(Guid listingUid, DateTimeOffset now, TimeSpan deadline, TimeSpan claimTime, CancellationToken cancellation)
    {
        var claim = Guid.NewGuid().ToString();
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var rows = await connection.ExecuteAsync(new CommandDefinition(
            $"UPDATE listing_saga SET claimed_by = @claim, claimed_until = @until WHERE correlation_id = @id AND claimed_until < @now AND {Due}",
            new
            {
                claim,
                id = listingUid.ToString(),
                now = now.ToUnixTimeMilliseconds(),
                until = (now + claimTime).ToUnixTimeMilliseconds(),
                deadline = (now - deadline).ToUnixTimeMilliseconds(),
            },
            cancellationToken: cancellation));
        return rows == 1 ? claim : null;
    }

    /// <summary>Records what was announced and gives the listing free.</summary>
    internal async Task AnnouncedAsync(ListingState state, string claim, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE listing_saga SET announced = @announcement, announced_asked = @asked, announced_at = @now, claimed_by = NULL, claimed_until = 0 "
            + "WHERE correlation_id = @id AND claimed_by = @claim",
            new { id = state.CorrelationId.ToString(), claim, announcement = state.Announcement, asked = state.Asked, now = now.ToUnixTimeMilliseconds() },
            cancellationToken: cancellation));
    }

    /// <summary>Gives the listing free without an announcement.</summary>
    internal async Task ReleaseAsync(Guid listingUid, string claim, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE listing_saga SET claimed_by = NULL, claimed_until = 0 WHERE correlation_id = @id AND claimed_by = @claim",
            new { id = listingUid.ToString(), claim }, cancellationToken: cancellation));
    }
}
