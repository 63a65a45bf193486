using System.Text.Json;
using Dapper;
using ImagePipeline.Storage.Database;
using MassTransit;

namespace ImagePipeline.Storage.Sagas;

/// <summary>
/// Sagas as rows with a version: optimistic, each write one short statement, nothing held open while a saga behaves. Runs the same SQL on
/// SQLite and PostgreSQL.
/// </summary>
public sealed class SagaTable<TSaga>
    where TSaga : class, ISaga, ISagaVersion
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    readonly PipelineDatabase _database;
    readonly SagaTableOptions<TSaga> _options;
    readonly TimeProvider _time;
    readonly string _select;
    readonly string _insert;
    readonly string _update;
    readonly string _delete;

    /// <summary>Prepares the statements for the table of <paramref name="options"/>.</summary>
    public SagaTable(PipelineDatabase database, SagaTableOptions<TSaga> options, TimeProvider time)
    {
        _database = database;
        _options = options;
        _time = time;

        var columns = options.Columns.Keys.ToArray();
        _select = $"SELECT version AS Version, body AS Body FROM {options.Table} WHERE correlation_id = @id";
        // Never a plain INSERT: a unique violation would poison the surrounding transaction on PostgreSQL, and it is no error here.
        _insert = $"INSERT INTO {options.Table} (correlation_id, version, body, updated_at{List(columns, c => c)}) "
            + $"VALUES (@id, @next, @body, @now{List(columns, c => "@" + c)}) ON CONFLICT (correlation_id) DO NOTHING";
        _update = $"UPDATE {options.Table} SET version = @next, body = @body, updated_at = @now{List(columns, c => $"{c} = @{c}")} "
            + "WHERE correlation_id = @id AND version = @version";
        _delete = $"DELETE FROM {options.Table} WHERE correlation_id = @id AND version = @version";

        static string List(string[] names, Func<string, string> part) => string.Concat(names.Select(n => ", " + part(n)));
    }

    /// <summary>Reads a saga; null when there is none.</summary>
    public async Task<TSaga?> LoadAsync(Guid correlationId, CancellationToken cancellation)
    {
        await using var connection = await _database.Source.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition(_select, new { id = correlationId.ToString() }, cancellationToken: cancellation));
        if (row is null)
            return null;

        var saga = JsonSerializer.Deserialize<TSaga>(row.Body, Json)
            ?? throw new JsonException($"The row {correlationId} of {_options.Table} holds no saga.");
        saga.CorrelationId = correlationId;
        saga.Version = row.Version;
        return saga;
    }

    /// <summary>Writes a new saga. False when another one with its id was written first: nothing has changed then.</summary>
    public Task<bool> InsertAsync(TSaga saga, CancellationToken cancellation) => WriteAsync(_insert, saga, cancellation);

    /// <summary>Writes a saga that was read before.</summary>
    /// <exception cref="ConcurrencyException">It was changed since it was read: read it again and repeat.</exception>
    public async Task UpdateAsync(TSaga saga, CancellationToken cancellation)
    {
        if (!await WriteAsync(_update, saga, cancellation))
            throw Changed(saga);
    }

    /// <summary>Deletes a saga that was read before.</summary>
    /// <exception cref="ConcurrencyException">It was changed since it was read: read it again and repeat.</exception>
    public async Task DeleteAsync(TSaga saga, CancellationToken cancellation)
    {
        await using var connection = await _database.Source.OpenConnectionAsync(cancellation);
        var rows = await connection.ExecuteAsync(
            new CommandDefinition(_delete, new { id = saga.CorrelationId.ToString(), version = saga.Version }, cancellationToken: cancellation));
        if (rows == 0)
            throw Changed(saga);
    }

    async Task<bool> WriteAsync(string statement, TSaga saga, CancellationToken cancellation)
    {
        var parameters = new DynamicParameters();
        foreach (var (name, value) in _options.Columns)
            parameters.Add(name, value(saga));
        parameters.Add("id", saga.CorrelationId.ToString());
        parameters.Add("version", saga.Version);
        parameters.Add("next", saga.Version + 1);
        parameters.Add("body", JsonSerializer.Serialize(saga, Json));
        parameters.Add("now", _time.GetUtcNow().ToUnixTimeMilliseconds());

        await using var connection = await _database.Source.OpenConnectionAsync(cancellation);
        if (await connection.ExecuteAsync(new CommandDefinition(statement, parameters, cancellationToken: cancellation)) == 0)
            return false;

        saga.Version++;
        _options.Committed?.Invoke(saga);
        return true;
    }

    internal static ConcurrencyException Changed(TSaga saga) =>
        new($"The saga was changed by another process since it was read (version {saga.Version}).", typeof(TSaga), saga.CorrelationId);

    sealed record Row
    {
        public required int Version { get; init; }

        public required string Body { get; init; }
    }
}
