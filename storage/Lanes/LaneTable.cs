using Dapper;
using ImagePipeline.Storage.Database;

namespace ImagePipeline.Storage.Lanes;

/// <summary>The lanes there are, in the table <c>lane</c>: how a worker hears of a feed that is in nobody's configuration.</summary>
public sealed class LaneTable(PipelineDatabase database, TimeProvider time)
{
    /// <summary>Records a lane. Safe to repeat.</summary>
    public async Task AddAsync(string lane, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO lane (lane, declared_at) VALUES (@lane, @now) ON CONFLICT (lane) DO NOTHING",
            new { lane, now = time.GetUtcNow().ToUnixTimeMilliseconds() }, cancellationToken: cancellation));
    }

    /// <summary>All of them, by name.</summary>
    public async Task<IReadOnlyList<string>> AllAsync(CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<string>(new CommandDefinition("SELECT lane FROM lane ORDER BY lane", cancellationToken: cancellation))];
    }
}
