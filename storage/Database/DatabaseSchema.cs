using System.Data.Common;
using Dapper;
using DbUp;
using DbUp.Builder;
using DbUp.Engine;
using DbUp.Engine.Output;

namespace ImagePipeline.Storage.Database;

/// <summary>Brings the database to this version's schema by the numbered scripts, which only ever add.</summary>
public static class DatabaseSchema
{
    // Any fixed number: the name of the lock that upgrading processes queue for on PostgreSQL.
    const long UpgradeLock = 7_420_180_117;

    /// <summary>
    /// Runs the scripts that the database has not seen, in one transaction and under a lock, so that any number of processes may start at once.
    /// </summary>
    /// <exception cref="DatabaseUnusableException">It cannot be reached, is no database, cannot be written, or was made by a newer version.</exception>
    public static async Task UpgradeAsync(PipelineDatabase database, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await database.Ungated.OpenConnectionAsync(cancellation);
            if (!database.IsSqlite)
                await connection.ExecuteAsync("SELECT pg_advisory_lock(@UpgradeLock)", new { UpgradeLock });

            var engine = Engine(database);
            RefuseNewer(database, engine);
            await RefuseForeignAsync(database, engine, connection);
            var result = engine.PerformUpgrade();
            if (!result.Successful)
                throw Unusable(database, result.Error);

            if (!database.IsSqlite)
                await connection.ExecuteAsync("SELECT pg_advisory_unlock(@UpgradeLock)", new { UpgradeLock });
        }
        catch (Exception e) when (e is DbException or System.Net.Sockets.SocketException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            throw Unusable(database, e);
        }
    }

    /// <summary>Looks at the schema and changes nothing. Null when there is no schema yet, else how many scripts are still to run.</summary>
    /// <exception cref="DatabaseUnusableException">It cannot be reached, is no database, or was made by a newer version.</exception>
    public static async Task<int?> CheckAsync(PipelineDatabase database, CancellationToken cancellation)
    {
        // Opening a SQLite file that is not there would make it.
        if (database.IsSqlite && !File.Exists(database.Name))
            return null;
        try
        {
            await using var connection = await database.Ungated.OpenConnectionAsync(cancellation);
            var engine = Engine(database);
            RefuseNewer(database, engine);
            return engine.GetExecutedScripts().Count == 0 ? null : engine.GetScriptsToExecute().Count;
        }
        catch (Exception e) when (e is DbException or System.Net.Sockets.SocketException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            throw Unusable(database, e);
        }
    }

    static UpgradeEngine Engine(PipelineDatabase database)
    {
        UpgradeEngineBuilder builder = database.IsSqlite
            ? DeployChanges.To.SqliteDatabase(database.ConnectionString)
            : DeployChanges.To.PostgresqlDatabase(database.ConnectionString).JournalToPostgresqlTable("public", "schema_version");
        return builder
            .WithScriptsEmbeddedInAssembly(typeof(DatabaseSchema).Assembly)
            .WithTransaction()
            .LogTo(new NoOpUpgradeLog())
            .Build();
    }

    static void RefuseNewer(PipelineDatabase database, UpgradeEngine engine)
    {
        var known = engine.GetDiscoveredScripts().Select(s => s.Name).ToHashSet();
        var newer = engine.GetExecutedScripts().FirstOrDefault(name => !known.Contains(name));
        if (newer is not null)
            throw new DatabaseUnusableException(
                $"The database {database.Name} was made by a newer version of ImagePipeline (it holds {newer}); start that version, or name another database.");
    }

    // A schema of PostgreSQL may be shared; a file with somebody else's tables was named by mistake.
    static async Task RefuseForeignAsync(PipelineDatabase database, UpgradeEngine engine, DbConnection connection)
    {
        if (!database.IsSqlite || engine.GetExecutedScripts().Count > 0)
            return;
        var table = await connection.ExecuteScalarAsync<string?>(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND name <> 'SchemaVersions' LIMIT 1");
        // Another process of ours may have made all of it just now.
        if (table is not null && engine.GetExecutedScripts().Count == 0)
            throw new DatabaseUnusableException($"The database {database.Name} belongs to another program (it has a table {table}); name another one.");
    }

    static DatabaseUnusableException Unusable(PipelineDatabase database, Exception e) =>
        new($"The database {database.Name} cannot be used: {e.Message.TrimEnd('.')}.", e);
}
