using System.Security.Cryptography;
using ImagePipeline.TestSupport.Servers;
using Npgsql;
using Testcontainers.PostgreSql;

namespace ImagePipeline.TestSupport;

/// <summary>
/// The PostgreSQL server of one test process, found in the first way that works: the address in <c>IMAGEPIPE_TEST_POSTGRES</c>; Docker;
/// the installed server, started privately; the same after <c>apt-get install</c>. Where none does, the tests that need it fail and say
/// what is missing. An assembly fixture:
/// <code>[assembly: AssemblyFixture(typeof(PostgresServer))]</code>
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The environment variable with the connection string of a server whose user may create databases.</summary>
    public const string AddressVariable = "IMAGEPIPE_TEST_POSTGRES";

    // Pinned; of Debian's major version, so that every way runs the same.
    const string Image = "postgres:15.14-alpine";

    // Nothing has to survive the tests. Each test has its own database, and with it its own connection pool.
    static readonly string[] Settings =
        ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=500", "log_min_messages=fatal"];

    static readonly (string Folder, string Versions)[] OffThePath =
        [("/usr/lib/postgresql", "*"), ("/usr", "pgsql-*"), ("/opt/homebrew/opt", "postgresql@*"), ("/usr/local/opt", "postgresql@*")];

    // A shared server is used by several test processes.
    readonly string _run = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    readonly ServerSearch<FoundServer> _server = new("PostgreSQL", AddressInTheEnvironment, Docker, InstalledServer, InstalledByAptGet);
    int _databases;

    /// <summary>Makes an empty database for one test.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var address = (await _server.GetAsync()).Address;
        var name = $"imagepipe_{_run}_{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync(address, $"CREATE DATABASE {name}");
        return new NpgsqlConnectionStringBuilder(address) { Database = name, MaxPoolSize = 50 }.ConnectionString;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_databases > 0 && await _server.GetAsync() is { IsShared: true, Address: var address })
        {
            for (var n = 1; n <= _databases; n++)
                await ExecuteAsync(address, $"DROP DATABASE IF EXISTS imagepipe_{_run}_{n} WITH (FORCE)");
        }
        await _server.DisposeAsync();
    }

    static async Task<FoundServer> AddressInTheEnvironment()
    {
        if (Environment.GetEnvironmentVariable(AddressVariable) is not { Length: > 0 } address)
            throw new NoServerException($"{AddressVariable} is not set");
        try
        {
            await ExecuteAsync(address, "SELECT 1");
            return new FoundServer(address, () => ValueTask.CompletedTask, IsShared: true);
        }
        catch (Exception error) when (error is NpgsqlException or ArgumentException)
        {
            // Whoever names a server means that one: no other is looked for.
            throw new InvalidOperationException($"{AddressVariable} is set, but the server it names cannot be used: {error.Message}", error);
        }
    }

    static async Task<FoundServer> Docker()
    {
        var container = await DockerEngine.StartAsync(
            Image, () => new PostgreSqlBuilder(Image).WithCommand([.. Settings.SelectMany(setting => new[] { "-c", setting })]).Build());
        return new FoundServer(container.GetConnectionString(), container.DisposeAsync);
    }

    static async Task<FoundServer> InstalledServer()
    {
        var programs = ProgramFolders().FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")))
            ?? throw new NoServerException("neither the PATH nor /usr/lib/postgresql has initdb and pg_ctl");
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        for (var tries = 1; ; tries++)
        {
            var port = PrivateServer.FreePort();
            try
            {
                var server = await PrivateServer.StartAsync(
                    "postgresql",
                    Programs.HasUser("postgres") ? "postgres" : "nobody",
                    """
                    printf %s "$PASSWORD" >password &&
                    "$PROGRAMS/initdb" --pgdata=data --username=postgres --auth=scram-sha-256 --pwfile=password --encoding=UTF8 --locale=C --no-sync &&
                    "$PROGRAMS/pg_ctl" --pgdata=data --log=server.log --wait --timeout=60 --options="$OPTIONS" start
                    """,
                    """ "$PROGRAMS/pg_ctl" --pgdata=data --mode=immediate stop """,
                    "",
                    new()
                    {
                        ["PROGRAMS"] = programs,
                        ["PASSWORD"] = password,
                        ["OPTIONS"] = $"-p {port} {string.Join(' ', Settings.Select(setting => $"-c {setting}"))} -c listen_addresses=127.0.0.1 -c unix_socket_directories=",
                    });
                return new FoundServer($"Host=127.0.0.1;Port={port};Username=postgres;Password={password};Database=postgres", server.DisposeAsync);
            }
            catch (NoServerException taken) when (tries < 3 && taken.Message.Contains("Address already in use", StringComparison.Ordinal))
            {
            }
        }
    }

    static async Task<FoundServer> InstalledByAptGet()
    {
        await Programs.AptInstallAsync("postgresql");
        return await InstalledServer();
    }

    // Off the PATH: Debian's, Red Hat's and Homebrew's.
    static IEnumerable<string> ProgramFolders() => Programs.Folders().Concat(
        from place in OffThePath
        where Directory.Exists(place.Folder)
        from version in Directory.EnumerateDirectories(place.Folder, place.Versions)
        orderby version.Length descending, version descending // The newest first; 9 is older than 15.
        select Path.Combine(version, "bin"));

    static async Task ExecuteAsync(string address, string sql)
    {
        // Not pooled: an idle connection to the server's own database would only be in the way.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(address) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
