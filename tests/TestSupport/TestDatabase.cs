using ImagePipeline.Storage.Database;

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

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _folder.Dispose();
    }
}
