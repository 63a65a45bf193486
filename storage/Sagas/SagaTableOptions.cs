using MassTransit;

namespace ImagePipeline.Storage.Sagas;

/// <summary>How one kind of saga is kept in its table.</summary>
public sealed class SagaTableOptions<TSaga>
    where TSaga : class, ISaga
{
    /// <summary>
    /// The table, with the columns <c>correlation_id</c>, <c>version</c>, <c>body</c> and <c>updated_at</c>.
    /// </summary>
    public required string Table { get; init; }

    /// <summary>
    /// Further columns, written together with the body: what others look for with SQL. The saga is read from the body alone, and columns not
    /// named here are never touched.
    /// </summary>
    public IReadOnlyDictionary<string, Func<TSaga, object?>> Columns { get; init; } = new Dictionary<string, Func<TSaga, object?>>();

    /// <summary>Called after each commit with what was committed. Must not block and must not throw.</summary>
    public Action<TSaga>? Committed { get; init; }
}
