using System.Data.Common;
using Dapper;
using ImagePipeline.Storage.Database;

namespace ImagePipeline.Storage.Failures;

/// <summary>Messages that failed for good, in table <c>failed_message</c>. Each failure of a message is a row of its own; later ones name the first.</summary>
public sealed class FailedMessageTable(PipelineDatabase database, TimeProvider time)
{
    // Rows of one statement, each of some 25 parameters: PostgreSQL takes 65,535.
    const int RowsPerStatement = 100;

    /// <summary>How many digits the id of a message has.</summary>
    public const int IdDigits = 16;

    /// <summary>How many digits the id of a group has.</summary>
    public const int GroupDigits = 8;

    /// <summary>How many digits of an id must be written at least.</summary>
    public const int MinIdDigits = 4;

    const string Columns = """
        id AS Id, state AS State, failure_group AS "Group", kind AS Kind, queue AS Queue, found_in AS FoundIn, in_process AS InProcess, message_id AS MessageId,
        message_type AS MessageType, exception_type AS ExceptionType, reason AS Reason, pattern AS Pattern, frame AS Frame, feed AS Feed, listing_key AS ListingKey,
        photo_id AS PhotoId, first_id AS FirstId, failures AS Failures, from_replay AS FromReplay, replay AS Replay
        """;

    // Last, because what comes after a record is read by itself: times are kept in milliseconds.
    const string Times = "failed_at, taken_at";

    // Of those who keep messages, in PostgreSQL. Any number that nothing else locks.
    const long Lock = 0x6661696C65642D6D;

    internal const string Unresolved = "state IN ('Failed', 'Staged')";

    /// <summary>
    /// Keeps messages; when this returns they are committed and may be removed from their queue. Safe to repeat: what was kept already and comes once more, because whoever took
    /// it was killed before saying so, is not kept twice. A message that was replayed or archived and has failed again is linked to its first failure.
    /// </summary>
    /// <returns>How many were new.</returns>
    public async Task<int> AddAsync(IReadOnlyList<TakenMessage> taken, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(taken);
        var added = 0;
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        // One at a time, so that each sees what the other has kept. SQLite has no two writers anyway.
        if (!database.IsSqlite)
            await connection.ExecuteAsync(new CommandDefinition("SELECT pg_advisory_xact_lock(@Lock)", new { Lock }, transaction, cancellationToken: cancellation));
        foreach (var chunk in taken.Chunk(RowsPerStatement))
            added += await AddChunkAsync(connection, transaction, [.. chunk.Select(FreshFailure.Of)], cancellation);
        await transaction.CommitAsync(cancellation);
        return added;
    }

    async Task<int> AddChunkAsync(DbConnection connection, DbTransaction transaction, IReadOnlyList<FreshFailure> chunk, CancellationToken cancellation)
    {
        var known = await KnownAsync(connection, transaction, chunk, cancellation);
        var rows = NewFailures.Among(chunk, known, time.GetUtcNow());
        // To SQLite a statement costs next to nothing, and one with many parameters a lot: it looks for the place of each by its name, from the first one on.
        var added = 0;
        foreach (var statement in rows.Chunk(database.IsSqlite ? 1 : RowsPerStatement))
            added += await InsertAsync(connection, transaction, statement, cancellation);
        return added;
    }

    static async Task<List<KnownFailure>> KnownAsync(DbConnection connection, DbTransaction transaction, IReadOnlyList<FreshFailure> chunk, CancellationToken cancellation)
    {
        var parameters = new DynamicParameters();
        var keys = In("key", chunk.Select(f => f.Key).Distinct());
        var ids = In("message", chunk.Select(f => f.MessageId).OfType<string>().Distinct());
        var replayed = In("replayed", chunk.Select(f => f.Taken.ReplayOf).OfType<string>().Distinct());
        return [.. await connection.QueryAsync<KnownFailure>(new CommandDefinition(
            $"""
            SELECT id AS Id, delivery_key AS DeliveryKey, message_id AS MessageId, queue AS Queue, state AS State, first_id AS FirstId, failures AS Failures, replay AS Replay
            FROM failed_message WHERE delivery_key IN ({keys}){(ids.Length == 0 ? "" : $" OR message_id IN ({ids})")}{(replayed.Length == 0 ? "" : $" OR id IN ({replayed})")}
            """,
            parameters, transaction, cancellationToken: cancellation))];

        // A parameter each: a list as one is sent as an array to PostgreSQL, which SQLite does not have.
        string In(string name, IEnumerable<string> values)
        {
            var names = new List<string>();
            foreach (var value in values)
            {
                names.Add($"@{name}{names.Count}");
                parameters.Add(names[^1], value);
            }
            return string.Join(", ", names);
        }
    }

    static async Task<int> InsertAsync(DbConnection connection, DbTransaction transaction, NewFailure[] rows, CancellationToken cancellation)
    {
        var parameters = new DynamicParameters();
        var values = new List<string>();
        foreach (var (i, row) in rows.Index())
        {
            foreach (var (column, value) in row.Values)
                parameters.Add($"{column}{i}", value);
            values.Add($"({string.Join(", ", row.Values.Select(v => $"@{v.Column}{i}"))})");
        }
        return await connection.ExecuteAsync(new CommandDefinition(
            $"""
            INSERT INTO failed_message ({string.Join(", ", rows[0].Values.Select(v => v.Column))}) VALUES {string.Join(", ", values)}
            """,
            parameters, transaction, cancellationToken: cancellation));
    }

    /// <summary>The groups of what waits for somebody to do something about it, the largest first; or of what was archived.</summary>
    public async Task<IReadOnlyList<FailureGroupRow>> GroupsAsync(FailureFilter filter, CancellationToken cancellation, bool archived = false)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var parameters = new DynamicParameters();
        return await GroupsAsync($"{(archived ? "state = 'Archived'" : Unresolved)} AND {filter.Where(parameters)}", parameters, cancellation);
    }

    /// <summary>A group with all of its messages, whatever was done about them; null when there is none.</summary>
    public async Task<FailureGroupRow?> GroupAsync(string id, CancellationToken cancellation) =>
        (await GroupsAsync("failure_group = @id", new DynamicParameters(new { id }), cancellation)).SingleOrDefault();

    async Task<IReadOnlyList<FailureGroupRow>> GroupsAsync(string where, DynamicParameters parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<FailureGroupRow, long, long, FailureGroupRow>(new CommandDefinition(
            $"""
            SELECT example.id AS ExampleId, example.feed AS ExampleFeed, example.listing_key AS ExampleListingKey, example.photo_id AS ExamplePhotoId, example.in_process AS InProcess, found.*
            FROM (
                SELECT MAX(id) AS example, failure_group AS Id, CAST(COUNT(*) AS BIGINT) AS Messages, CAST(SUM(CASE WHEN failures > 1 THEN 1 ELSE 0 END) AS BIGINT) AS Again,
                    CAST(SUM(CASE WHEN state = 'Staged' THEN 1 ELSE 0 END) AS BIGINT) AS Staged, CAST(COUNT(DISTINCT feed) AS BIGINT) AS Feeds,
                    MIN(kind) AS Kind, MIN(queue) AS Queue, MIN(message_type) AS MessageType, MIN(exception_type) AS ExceptionType, MIN(pattern) AS Pattern, MIN(frame) AS Frame,
                    MIN(failed_at) AS since, MAX(failed_at) AS latest
                FROM failed_message WHERE {where} GROUP BY failure_group
            ) AS found JOIN failed_message AS example ON example.id = found.example
            ORDER BY found.Messages DESC, found.since, found.Id
            """,
            parameters, cancellationToken: cancellation), (group, since, latest) => group with { Since = Time(since), Latest = Time(latest) }, splitOn: "since, latest")];
    }

    /// <summary>How many messages of a group stand where, by feed.</summary>
    public async Task<IReadOnlyList<FeedFailures>> ByFeedAsync(string group, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<(string? Feed, string State, long Messages)>(new CommandDefinition(
            "SELECT feed, state, CAST(COUNT(*) AS BIGINT) FROM failed_message WHERE failure_group = @group GROUP BY feed, state ORDER BY 3 DESC, feed",
            new { group }, cancellationToken: cancellation));
        return [.. rows.Select(row => new FeedFailures(row.Feed, Enum.Parse<FailureState>(row.State), row.Messages))];
    }

    /// <summary>How much there is of what nobody has dealt with, and its largest groups.</summary>
    public async Task<UnresolvedFailures> UnresolvedAsync(int groups, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var all = await connection.QuerySingleAsync<TotalRow>(new CommandDefinition(
            $"SELECT CAST(COUNT(*) AS BIGINT) AS Messages, MIN(failed_at) AS Since FROM failed_message WHERE {Unresolved}", cancellationToken: cancellation));
        if (all.Since is not { } since)
            return UnresolvedFailures.None;
        var largest = await connection.QueryAsync<UnresolvedGroup>(new CommandDefinition(
            $"""
            SELECT failure_group AS Id, MIN(queue) AS Queue, MIN(exception_type) AS ExceptionType, CAST(COUNT(*) AS BIGINT) AS Messages
            FROM failed_message WHERE {Unresolved} GROUP BY failure_group ORDER BY 4 DESC, 1 LIMIT @groups
            """,
            new { groups }, cancellationToken: cancellation));
        return new(all.Messages, Time(since), [.. largest]);
    }

    /// <summary>Messages, the latest failure first, without their bytes and stacks.</summary>
    public async Task<IReadOnlyList<FailedMessage>> FindAsync(FailureFilter filter, int limit, CancellationToken cancellation, params IReadOnlyList<FailureState> states)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(states);
        var parameters = new DynamicParameters();
        parameters.Add("limit", limit);
        var inStates = states.Count == 0 ? "" : $"state IN ({string.Join(", ", states.Select(s => $"'{s}'"))}) AND ";
        return await SelectAsync($"{inStates}{filter.Where(parameters)} ORDER BY failed_at DESC, id LIMIT @limit", parameters, cancellation);
    }

    /// <summary>One message with its bytes; null when there is none with this id.</summary>
    public async Task<FailedMessage?> ReadAsync(string id, CancellationToken cancellation) =>
        (await SelectAsync("id = @id", new { id }, cancellation, ", stack_trace AS StackTrace, properties AS Properties, body AS Body")).SingleOrDefault();

    /// <summary>The full ids of messages and groups that begin with these digits: all of them, or 4 where there are more.</summary>
    public async Task<IReadOnlyList<string>> IdsAsync(string digits, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(digits);
        if (!digits.All(char.IsAsciiHexDigit))
            throw new ArgumentException("An id has hexadecimal digits only.", nameof(digits));
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<string>(new CommandDefinition(
            """
            SELECT DISTINCT failure_group FROM failed_message WHERE failure_group LIKE @beginning
            UNION ALL SELECT id FROM failed_message WHERE id LIKE @beginning
            LIMIT 4
            """,
            new { beginning = $"{digits.ToLowerInvariant()}%" }, cancellationToken: cancellation))];
    }

    /// <summary>All failures of one message, the first one first.</summary>
    public Task<IReadOnlyList<FailedMessage>> HistoryAsync(string firstId, CancellationToken cancellation) =>
        SelectAsync("first_id = @firstId ORDER BY failures, id", new { firstId }, cancellation);

    async Task<IReadOnlyList<FailedMessage>> SelectAsync(string where, object parameters, CancellationToken cancellation, string bytes = "")
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<FailedMessage, long, long, FailedMessage>(
            new CommandDefinition($"SELECT {Columns}{bytes}, {Times} FROM failed_message WHERE {where}", parameters, cancellationToken: cancellation),
            (message, failed, taken) => message with { FailedAt = Time(failed), TakenAt = Time(taken) }, splitOn: Times)];
    }

    /// <summary>
    /// What failed on the in-memory bus of a run that has ended is asked for again by the next one: from then on it is replayed. When it fails again it has another row.
    /// </summary>
    /// <param name="feeds">The feeds that the run looks after; null for all. What names no feed is of any.</param>
    /// <param name="before">When the run began.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>How many were.</returns>
    public async Task<int> LeaveToRunAsync(IReadOnlyCollection<string>? feeds, DateTimeOffset before, CancellationToken cancellation)
    {
        var parameters = new DynamicParameters(new { now = Now, before = before.ToUnixTimeMilliseconds() });
        foreach (var (i, feed) in (feeds ?? []).Index())
            parameters.Add($"feed{i}", feed);
        var ofFeeds = feeds switch
        {
            null => "",
            { Count: 0 } => " AND feed IS NULL",
            _ => $" AND (feed IS NULL OR feed IN ({string.Join(", ", Enumerable.Range(0, feeds.Count).Select(i => $"@feed{i}"))}))",
        };
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(
            $"UPDATE failed_message SET state = 'Replayed', changed_at = @now WHERE state = 'Failed' AND in_process = 1 AND taken_at < @before{ofFeeds}",
            parameters, cancellationToken: cancellation));
    }

    /// <summary>Deletes what was replayed or archived before a time, with all that came before it; what nobody has done anything about stays for as long as it takes.</summary>
    public async Task<int> PurgeAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(
            """
            DELETE FROM failed_message WHERE state IN ('Replayed', 'Archived') AND changed_at < @before
                AND NOT EXISTS (SELECT 1 FROM failed_message AS later WHERE later.first_id = failed_message.first_id AND later.state IN ('Failed', 'Staged'))
            """,
            new { before = before.ToUnixTimeMilliseconds() }, cancellationToken: cancellation));
    }

    long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    sealed record TotalRow
    {
        public required long Messages { get; init; }

        public long? Since { get; init; }
    }
}
