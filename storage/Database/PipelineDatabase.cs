using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace ImagePipeline.Storage.Database;

/// <summary>
/// The one relational database, a SQLite file or PostgreSQL, and its schema. All SQL of the product runs on both: ids are text in lower case,
/// times are Unix milliseconds, truth is 0 or 1.
/// </summary>
public sealed class PipelineDatabase : IAsyncDisposable
{
    PipelineDatabase(DbDataSource source, string name, string connectionString, bool isSqlite)
    {
        Source = Ungated = source;
        Name = name;
        ConnectionString = connectionString;
        IsSqlite = isSqlite;
    }

    /// <summary>Gives open connections; safe for concurrent use.</summary>
    public DbDataSource Source { get; private init; }

    /// <summary>Gives open connections or fails at once, where <see cref="Source"/> may wait until the database is there again.</summary>
    public DbDataSource Ungated { get; }

    /// <summary>What to call it in a sentence: a file's path, or host and database; never a password.</summary>
    public string Name { get; }

    /// <summary>True for a SQLite file, which serves processes of one machine only.</summary>
    public bool IsSqlite { get; }

    internal string ConnectionString { get; }

    /// <summary>Understands the connection string; opens nothing yet.</summary>
    /// <exception cref="DatabaseUnusableException">It is neither SQLite's nor PostgreSQL's.</exception>
    public static PipelineDatabase Open(string connectionString)
    {
        DbConnectionStringBuilder parts;
        try
        {
            parts = new DbConnectionStringBuilder { ConnectionString = connectionString };
        }
        catch (ArgumentException e)
        {
            throw Unknown(e);
        }

        try
        {
            if (parts.ContainsKey("Data Source") || parts.ContainsKey("DataSource") || parts.ContainsKey("Filename"))
            {
                var sqlite = new SqliteConnectionStringBuilder(connectionString);
                if (sqlite.Mode == SqliteOpenMode.Memory || sqlite.DataSource is "" or ":memory:")
                    throw Unknown(null);
                return new(new SqliteDataSource(sqlite.ConnectionString), sqlite.DataSource, sqlite.ConnectionString, isSqlite: true);
            }
            if (parts.ContainsKey("Host") || parts.ContainsKey("Server"))
            {
                var npgsql = new NpgsqlConnectionStringBuilder(connectionString);
                return new(NpgsqlDataSource.Create(npgsql), $"{npgsql.Database} on {npgsql.Host}:{npgsql.Port}", connectionString, isSqlite: false);
            }
        }
        catch (ArgumentException e)
        {
            throw Unknown(e);
        }
        throw Unknown(null);
    }

    /// <summary>The same database, whose <see cref="Source"/> goes through <paramref name="gated"/>.</summary>
    public PipelineDatabase Through(Func<DbDataSource, DbDataSource> gated)
    {
        ArgumentNullException.ThrowIfNull(gated);
        return new(Ungated, Name, ConnectionString, IsSqlite) { Source = gated(Ungated) };
    }

    /// <summary>The same database, whose <see cref="Source"/> fails at once while it is gone.</summary>
    public PipelineDatabase WithoutGate() => new(Ungated, Name, ConnectionString, IsSqlite);

    static DatabaseUnusableException Unknown(Exception? cause) => new(
        "Database:ConnectionString (environment variable Database__ConnectionString) is not understood; accepted are "
        + "\"Data Source=FILE\" for a SQLite file and \"Host=…;Database=…;Username=…;Password=…\" for PostgreSQL.", cause);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Ungated.DisposeAsync();
}
