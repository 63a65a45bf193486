using System.Data.Common;
using ImagePipeline.Storage.Database;

namespace ImagePipeline.ServiceDefaults;

/// <summary>
/// The database behind its gate: whoever wants a connection while there is none waits here. What breaks in the middle of a statement is thrown.
/// </summary>
sealed class GatedDataSource(DbDataSource source, Gates gates) : DbDataSource
{
    // Of a SQLite file on a full disk, or a server that has become read-only, a connection can be opened, and nothing done with it. Both rows are
    // gone before anyone could read them.
    const string Write =
        "INSERT INTO gate (name, closed_since, closed_until, why, refusals) VALUES ('probe', 0, 0, '', 0) ON CONFLICT (name) DO UPDATE SET refusals = 0; "
        + "DELETE FROM gate WHERE name = 'probe'";

    readonly Gate _gate = gates.Of(Gates.Database);

    public override string ConnectionString => source.ConnectionString;

    protected override DbConnection CreateDbConnection() => source.CreateConnection();

    // Nothing can be waited for here.
    protected override DbConnection OpenDbConnection()
    {
        try
        {
            return source.OpenConnection();
        }
        catch (Exception e) when (DatabaseOutage.StopsOpening(e))
        {
            _gate.Close(null, DatabaseOutage.Sentence(e), by: null);
            throw;
        }
    }

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            using var pass = await _gate.WaitAsync(cancellationToken);
            try
            {
                var connection = await source.OpenConnectionAsync(cancellationToken);
                if (pass.IsProbe)
                {
                    await ProveAsync(connection, cancellationToken);
                    pass.Succeeded();
                }
                return connection;
            }
            catch (Exception e) when (DatabaseOutage.StopsOpening(e))
            {
                pass.Refused(null, DatabaseOutage.Sentence(e));
            }
        }
    }

    static async Task ProveAsync(DbConnection connection, CancellationToken cancellation)
    {
        try
        {
            await using var write = connection.CreateCommand();
            write.CommandText = Write;
            await write.ExecuteNonQueryAsync(cancellation);
        }
        catch (DbException e) when (!DatabaseOutage.Is(e))
        {
            // Answered, if not as it should: whatever is wrong with that is found where it matters.
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
