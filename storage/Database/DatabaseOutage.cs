using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace ImagePipeline.Storage.Database;

/// <summary>Tells trouble of the database as a whole, which waiting mends, from what is wrong with one statement.</summary>
public static class DatabaseOutage
{
    // Busy for its whole time-out, read-only, I/O error, full, cannot open.
    static readonly int[] OfSqlite = [5, 8, 10, 13, 14];

    // Connection lost, out of resources, being shut down or started, system error; and a server that has become a standby.
    static readonly string[] OfPostgres = ["08", "53", "57P", "58", "25006"];

    /// <summary>Whether a statement failed because the database cannot be used by anybody.</summary>
    public static bool Is(DbException error) => error switch
    {
        SqliteException sqlite => OfSqlite.Contains(sqlite.SqliteErrorCode),
        PostgresException postgres => OfPostgres.Any(start => postgres.SqlState.StartsWith(start, StringComparison.Ordinal)),
        NpgsqlException npgsql => npgsql.InnerException is IOException or SocketException or TimeoutException,
        _ => false,
    };

    /// <summary>Whether a connection could not be opened, whatever the reason: that the settings are right was shown at the start.</summary>
    public static bool StopsOpening(Exception error) => error is DbException or SocketException or IOException or UnauthorizedAccessException or TimeoutException;

    /// <summary>What to tell a person; never a password.</summary>
    public static string Sentence(Exception error) => $"The database cannot be used: {error.Message.ReplaceLineEndings(" ").TrimEnd('.')}.";
}
