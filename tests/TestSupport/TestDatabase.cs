using ImagePipeline.Storage.Database;
using Npgsql;

namespace ImagePipeline.TestSupport;

/// <summary>The databases everything must run on.</summary>
public enum DatabaseKind
{
    /// <summary>A file.</summary>
    Sqlite,

    /// <summary>A server.</summary>
    PostgreSql,
}

/// <summary>A fresh, upgraded database for one test.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    readonly TempFolder _folder = new();

    TestDatabase(string? connectionString)
    {
        ConnectionString = connectionString ?? $"Data Source={_folder["state.db"]}";
        Database = PipelineDatabase.Open(ConnectionString);
    }

    /// <summary>How a process of the product would be told of it.</summary>
    public string ConnectionString { get; }

    /// <summary>The database.</summary>
    public PipelineDatabase Database { get; }

    /// <summary>Makes it.</summary>
    public static async Task<TestDatabase> CreateAsync(DatabaseKind kind, PostgresServer postgres)
    {
        var database = new TestDatabase(kind == DatabaseKind.PostgreSql ? await postgres.CreateDatabaseAsync() : null);
        await DatabaseSchema.UpgradeAsync(database.Database, CancellationToken.None);
        return database;
    }

    /// <summary>Takes a PostgreSQL database away, or gives it back: it takes no connections, and those it has end.</summary>
    public async Task AllowAsync(bool connections)
    {
        // From another database of the same server.
        var address = new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false };
        var name = address.Database;
        address.Database = "postgres";
        await using var connection = new NpgsqlConnection(address.ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = connections
            ? $"ALTER DATABASE {name} ALLOW_CONNECTIONS true"
            : $"ALTER DATABASE {name} ALLOW_CONNECTIONS false; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'";
        await command.ExecuteNonQueryAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _folder.Dispose();
    }
}
