using Dapper;
using ImagePipeline.Storage.Database;

namespace ImagePipeline.Storage.Gates;

/// <summary>The gates that some process has closed. Never waits at a gate itself.</summary>
public sealed class GateTable(PipelineDatabase database)
{
    /// <summary>Every closed gate.</summary>
    public async Task<IReadOnlyList<GateRow>> AllAsync(CancellationToken cancellation)
    {
        await using var connection = await database.Ungated.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            "SELECT name AS Name, closed_since AS Since, closed_until AS Until, why AS Why, refusals AS Refusals FROM gate", cancellationToken: cancellation));
        return [.. rows.Select(row => new GateRow(row.Name, Time(row.Since), Time(row.Until), row.Why, row.Refusals))];
    }

    /// <summary>Tells others that a gate is closed; of two that close it the later end counts.</summary>
    public async Task CloseAsync(GateRow gate, CancellationToken cancellation)
    {
        await using var connection = await database.Ungated.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO gate (name, closed_since, closed_until, why, refusals) VALUES (@Name, @Since, @Until, @Why, @Refusals)
            ON CONFLICT (name) DO UPDATE SET closed_until = excluded.closed_until, why = excluded.why, refusals = excluded.refusals
            WHERE excluded.closed_until > gate.closed_until
            """,
            new { gate.Name, Since = Milliseconds(gate.Since), Until = Milliseconds(gate.Until), gate.Why, gate.Refusals }, cancellationToken: cancellation));
    }

    /// <summary>Tells others that the trouble is over, unless it was found to last longer than <paramref name="until"/>.</summary>
    public async Task OpenAsync(string name, DateTimeOffset until, CancellationToken cancellation)
    {
        await using var connection = await database.Ungated.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            "DELETE FROM gate WHERE name = @name AND closed_until <= @until", new { name, until = Milliseconds(until) }, cancellationToken: cancellation));
    }

    // Rounded up: what was read back must never be earlier than what was written.
    static long Milliseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;

    static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    sealed record Row
    {
        public required string Name { get; init; }

        public required long Since { get; init; }

        public required long Until { get; init; }

        public required string Why { get; init; }

        public required int Refusals { get; init; }
    }
}
