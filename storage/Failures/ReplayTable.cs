using System.Data.Common;
using Dapper;
using ImagePipeline.Storage.Database;

namespace ImagePipeline.Storage.Failures;

/// <summary>
/// What people do with failed messages, in table <c>replay</c>. A replay stages its messages before the first is published: killed anywhere, what is left of it can be told and
/// finished, and what may have been published is published once more, never less.
/// </summary>
public sealed class ReplayTable(PipelineDatabase database, TimeProvider time)
{
    /// <summary>Records a replay and stages its messages, the oldest failure first. What failed in one process is left out: it has no queue.</summary>
    /// <returns>The replay, running and claimed by <paramref name="owner"/>; null when nothing is to be replayed, and nothing is recorded.</returns>
    public async Task<Replay?> BeginAsync(FailureFilter filter, int? limit, ReplayPace pace, Asked asked, ReplayOwner owner, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(pace);
        ArgumentNullException.ThrowIfNull(owner);
        return await ActAsync("replay", asked, async (connection, transaction, number) =>
        {
            var parameters = new DynamicParameters();
            parameters.Add("number", number);
            parameters.Add("now", Now);
            parameters.Add("max", limit ?? int.MaxValue);
            return await connection.ExecuteAsync(new CommandDefinition(
                $"""
                UPDATE failed_message SET state = 'Staged', replay = @number, changed_at = @now WHERE id IN
                    (SELECT id FROM failed_message WHERE state = 'Failed' AND in_process = 0 AND {filter.Where(parameters)} ORDER BY failed_at, id LIMIT @max) AND state = 'Failed'
                """,
                parameters, transaction, cancellationToken: cancellation));
        }, ReplayState.Running, pace, owner, cancellation);
    }

    /// <summary>What a replay would stage now, without staging it: the oldest failures first, as many as <paramref name="limit"/> says.</summary>
    public async Task<ReplayPlan> PlanAsync(FailureFilter filter, int? limit, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var parameters = new DynamicParameters();
        parameters.Add("max", limit ?? int.MaxValue);
        var chosen = filter.Where(parameters);
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var groups = await connection.QueryAsync<PlannedRow>(new CommandDefinition(
            $"""
            SELECT failure_group AS "Group", queue AS Queue, MIN(message_type) AS MessageType, MIN(exception_type) AS ExceptionType, MIN(pattern) AS Pattern,
                CAST(COUNT(*) AS BIGINT) AS Messages, CAST(SUM(CASE WHEN failures > 1 THEN 1 ELSE 0 END) AS BIGINT) AS Again, MIN(failed_at) AS Oldest
            FROM (SELECT * FROM failed_message WHERE state = 'Failed' AND in_process = 0 AND {chosen} ORDER BY failed_at, id LIMIT @max) AS chosen
            GROUP BY failure_group, queue ORDER BY 6 DESC, 8, 1
            """,
            parameters, cancellationToken: cancellation));
        var all = new DynamicParameters();
        all.Add("often", filter.MaxFailures ?? int.MaxValue);
        var meant = (filter with { MaxFailures = null }).Where(all);
        var states = (await connection.QueryAsync<StateRow>(new CommandDefinition(
            $"""
            SELECT state AS State, in_process AS InProcess, CASE WHEN failures > @often THEN 1 ELSE 0 END AS Often, CAST(COUNT(*) AS BIGINT) AS Messages, MAX(replay) AS Replay
            FROM failed_message WHERE {meant} GROUP BY 1, 2, 3
            """,
            all, cancellationToken: cancellation))).ToList();
        return new ReplayPlan
        {
            Groups = [.. groups.Select(row => new PlannedGroup(
                row.Group, row.Queue, row.MessageType, row.ExceptionType, row.Pattern, row.Messages, row.Again, DateTimeOffset.FromUnixTimeMilliseconds(row.Oldest)))],
            FailedTooOften = Count(row => row is { State: nameof(FailureState.Failed), InProcess: 0, Often: 1 }),
            InProcess = Count(row => row is { State: nameof(FailureState.Failed), InProcess: 1 }),
            Staged = Count(row => row.State == nameof(FailureState.Staged)),
            Replayed = Count(row => row.State == nameof(FailureState.Replayed)),
            Archived = Count(row => row.State == nameof(FailureState.Archived)),
            LatestReplay = states.Where(row => row.State is nameof(FailureState.Staged) or nameof(FailureState.Replayed)).Max(row => row.Replay),
        };

        long Count(Func<StateRow, bool> isMeant) => states.Where(isMeant).Sum(row => row.Messages);
    }

    /// <summary>Puts messages aside. They are in no list any more, until they are restored or their retention is over.</summary>
    /// <returns>What was done; null when there was nothing to do.</returns>
    public Task<Replay?> ArchiveAsync(FailureFilter filter, Asked asked, CancellationToken cancellation) => MoveAsync("archive", FailureState.Failed, FailureState.Archived, filter, asked, cancellation);

    /// <summary>Takes archived messages back.</summary>
    /// <returns>What was done; null when there was nothing to do.</returns>
    public Task<Replay?> RestoreAsync(FailureFilter filter, Asked asked, CancellationToken cancellation) => MoveAsync("restore", FailureState.Archived, FailureState.Failed, filter, asked, cancellation);

    async Task<Replay?> MoveAsync(string action, FailureState from, FailureState to, FailureFilter filter, Asked asked, CancellationToken cancellation) => await ActAsync(
        action, asked, async (connection, transaction, _) =>
        {
            var parameters = new DynamicParameters();
            parameters.Add("now", Now);
            return await connection.ExecuteAsync(new CommandDefinition(
                $"UPDATE failed_message SET state = '{to}', changed_at = @now WHERE state = '{from}' AND {filter.Where(parameters)}", parameters, transaction, cancellationToken: cancellation));
        }, ReplayState.Done, ReplayPace.AsFastAsPossible, owner: null, cancellation);

    async Task<Replay?> ActAsync(
        string action, Asked asked, Func<DbConnection, DbTransaction, long, Task<int>> act, ReplayState state, ReplayPace pace, ReplayOwner? owner, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(asked);
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var now = Now;
        // Of two that begin at once one waits here for the other, and takes the next number.
        if (!database.IsSqlite)
            await connection.ExecuteAsync(new CommandDefinition("LOCK TABLE replay IN EXCLUSIVE MODE", transaction: transaction, cancellationToken: cancellation));
        var number = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            """
            INSERT INTO replay (number, action, asked_by, asked, state, messages, per_second, canary, started_at, ended_at, claimed_by, claimed_until)
            SELECT COALESCE(MAX(number), 0) + 1, @action, @by, @what, @state, 0, CAST(@rate AS DOUBLE PRECISION), @canary, @now, CAST(@ended AS BIGINT), CAST(@owner AS TEXT), @until FROM replay
            RETURNING number
            """,
            new
            {
                action,
                by = asked.By,
                what = asked.What,
                state = state.ToString(),
                rate = pace.PerSecond,
                canary = pace.IsCanary ? 1 : 0,
                now,
                ended = state == ReplayState.Running ? (long?)null : now,
                owner = owner?.Id,
                until = owner is null ? 0 : (time.GetUtcNow() + owner.ClaimTime).ToUnixTimeMilliseconds(),
            },
            transaction, cancellationToken: cancellation));
        var messages = await act(connection, transaction, number);
        if (messages == 0)
            return null;
        await connection.ExecuteAsync(new CommandDefinition("UPDATE replay SET messages = @messages WHERE number = @number", new { messages, number }, transaction, cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
        return await FindAsync(number, cancellation);
    }

    /// <summary>Claims a replay that is not at its end, so that this process goes on with it; it is running then. False when another process is at it, or it has ended.</summary>
    public async Task<bool> ClaimAsync(long number, ReplayOwner owner, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return await UpdateAsync(
            """
            state = 'Running', why = NULL, ended_at = NULL, claimed_by = @owner, claimed_until = @until
            WHERE number = @number AND action = 'replay' AND state IN ('Running', 'Paused', 'Stopped') AND (claimed_until < @now OR claimed_by = @owner)
            """,
            new { number, owner = owner.Id, until = (time.GetUtcNow() + owner.ClaimTime).ToUnixTimeMilliseconds(), now = Now }, cancellation);
    }

    /// <summary>Keeps a claim, and tells what others have asked for meanwhile: a replay that is not running any more, or that is another's, is to be left alone.</summary>
    public Task<bool> RenewAsync(long number, ReplayOwner owner, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return UpdateAsync(
            "claimed_until = @until WHERE number = @number AND claimed_by = @owner AND state = 'Running'",
            new { number, owner = owner.Id, until = (time.GetUtcNow() + owner.ClaimTime).ToUnixTimeMilliseconds() }, cancellation);
    }

    /// <summary>The next messages to publish, with their bytes.</summary>
    public async Task<IReadOnlyList<StagedMessage>> NextAsync(long number, int count, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<StagedMessage>(new CommandDefinition(
            """
            SELECT id AS Id, first_id AS FirstId, queue AS Queue, message_id AS MessageId, failures AS Failures, properties AS Properties, body AS Body
            FROM failed_message WHERE replay = @number AND state = 'Staged' ORDER BY failed_at, id LIMIT @count
            """,
            new { number, count }, cancellationToken: cancellation))];
    }

    /// <summary>Records that messages were published, after the broker has confirmed it. Those of a replay that was cancelled in that moment were published all the same.</summary>
    public async Task PublishedAsync(long number, IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count == 0)
            return;
        var parameters = new DynamicParameters(new { number, now = Now });
        foreach (var (i, id) in ids.Index())
            parameters.Add($"id{i}", id);
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
            UPDATE failed_message SET state = 'Replayed', changed_at = @now
            WHERE replay = @number AND state IN ('Staged', 'Failed') AND id IN ({string.Join(", ", Enumerable.Range(0, ids.Count).Select(i => $"@id{i}"))})
            """,
            parameters, cancellationToken: cancellation));
    }

    /// <summary>Ends a replay, or interrupts it: what is left of it stays staged, unless it is cancelled. False when it had ended already.</summary>
    /// <param name="number">The replay.</param>
    /// <param name="state">Any but <see cref="ReplayState.Running"/>.</param>
    /// <param name="why">One sentence for a person.</param>
    /// <param name="owner">Whose claim it must be; null for a person who asks from elsewhere.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<bool> EndAsync(long number, ReplayState state, string? why, ReplayOwner? owner, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var ended = await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE replay SET state = @state, why = @why, ended_at = @now, claimed_by = NULL, claimed_until = 0
            WHERE number = @number AND action = 'replay' AND state IN ('Running', 'Paused', 'Stopped') AND (CAST(@owner AS TEXT) IS NULL OR claimed_by = @owner)
            """,
            new { number, state = state.ToString(), why, now = Now, owner = owner?.Id }, transaction, cancellationToken: cancellation));
        if (ended == 1 && state == ReplayState.Cancelled)
            await connection.ExecuteAsync(new CommandDefinition(
                "UPDATE failed_message SET state = 'Failed', changed_at = @now WHERE replay = @number AND state = 'Staged'", new { number, now = Now }, transaction, cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
        return ended == 1;
    }

    /// <summary>Replays that say they run: some process is at them, or was until it was killed and its claim still holds or has run out.</summary>
    public async Task<IReadOnlyList<Replay>> RunningAsync(CancellationToken cancellation) =>
        await SelectAsync("action = 'replay' AND state = 'Running' ORDER BY number", new { }, cancellation);

    /// <summary>Of them those that nobody is at: whoever was has been killed.</summary>
    public async Task<IReadOnlyList<Replay>> AbandonedAsync(CancellationToken cancellation) =>
        await SelectAsync("action = 'replay' AND state = 'Running' AND claimed_until < @now ORDER BY number", new { now = Now }, cancellation);

    /// <summary>One of them; null when there is none with this number.</summary>
    public async Task<Replay?> FindAsync(long number, CancellationToken cancellation) => (await SelectAsync("number = @number", new { number }, cancellation)).SingleOrDefault();

    /// <summary>What was done, the latest first.</summary>
    public async Task<IReadOnlyList<Replay>> HistoryAsync(int limit, CancellationToken cancellation) => await SelectAsync("1 = 1 ORDER BY number DESC LIMIT @limit", new { limit }, cancellation);

    async Task<IReadOnlyList<Replay>> SelectAsync(string where, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"""
            SELECT number AS Number, action AS Action, asked_by AS "By", asked AS What, state AS State, messages AS Messages, per_second AS PerSecond, canary AS Canary, why AS Why,
                started_at AS StartedAt, ended_at AS EndedAt, claimed_until AS ClaimedUntil,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM failed_message WHERE failed_message.replay = replay.number AND failed_message.state = 'Replayed') AS Sent,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM failed_message WHERE failed_message.replay = replay.number AND failed_message.state = 'Staged') AS Waiting,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM failed_message WHERE from_replay = replay.number) AS CameBack
            FROM replay WHERE {where}
            """,
            parameters, cancellationToken: cancellation));
        return [.. rows.Select(row => new Replay
        {
            Number = row.Number, Action = row.Action, Asked = new Asked(row.By, row.What), State = Enum.Parse<ReplayState>(row.State), Messages = row.Messages, Sent = row.Sent, Waiting = row.Waiting,
            ClaimedUntil = DateTimeOffset.FromUnixTimeMilliseconds(row.ClaimedUntil), CameBack = row.CameBack, Pace = new ReplayPace(row.PerSecond, row.Canary == 1), Why = row.Why, StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.StartedAt),
            EndedAt = row.EndedAt is { } ended ? DateTimeOffset.FromUnixTimeMilliseconds(ended) : null,
        })];
    }

    async Task<bool> UpdateAsync(string set, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition($"UPDATE replay SET {set}", parameters, cancellationToken: cancellation)) == 1;
    }

    long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    sealed record Row
    {
        public required long Number { get; init; }

        public required string Action { get; init; }

        public required string By { get; init; }

        public required string What { get; init; }

        public required string State { get; init; }

        public required int Messages { get; init; }

        public double? PerSecond { get; init; }

        public required int Canary { get; init; }

        public string? Why { get; init; }

        public required long StartedAt { get; init; }

        public long? EndedAt { get; init; }

        public required long ClaimedUntil { get; init; }

        public required long Sent { get; init; }

        public required long Waiting { get; init; }

        public required long CameBack { get; init; }
    }

    sealed record PlannedRow
    {
        public required string Group { get; init; }

        public required string Queue { get; init; }

        public string? MessageType { get; init; }

        public string? ExceptionType { get; init; }

        public required string Pattern { get; init; }

        public required long Messages { get; init; }

        public required long Again { get; init; }

        public required long Oldest { get; init; }
    }

    sealed record StateRow
    {
        public required string State { get; init; }

        public required int InProcess { get; init; }

        public required int Often { get; init; }

        public required long Messages { get; init; }

        public long? Replay { get; init; }
    }
}
