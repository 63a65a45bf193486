using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace ImagePipeline.Storage.Database;

/// <summary>Connections to a SQLite file, each set up for many concurrent writers of one machine.</summary>
sealed class SqliteDataSource(string connectionString) : DbDataSource
{
    public override string ConnectionString => connectionString;

    protected override DbConnection CreateDbConnection() => new SqliteConnection(connectionString);

    protected override DbConnection OpenDbConnection()
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            using var setup = connection.CreateCommand();
            // WAL lets readers go on while one writes. synchronous=NORMAL survives kill -9 with nothing lost; a power cut may lose the last
            // commits, which asking again repairs. The timeout is the engine's own, which retries within milliseconds; the driver's sleeps 150.
            setup.CommandText = "PRAGMA busy_timeout = 30000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL";
            setup.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    protected override ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(OpenDbConnection());
    }
}
