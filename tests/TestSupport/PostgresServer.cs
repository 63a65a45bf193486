using System.Diagnostics;
using Npgsql;
using Testcontainers.PostgreSql;
using Xunit;

namespace ImagePipeline.TestSupport;

/// <summary>
/// One PostgreSQL for the tests of an assembly, found without being told: the address in IMAGEPIPE_TEST_POSTGRES, else Docker, else the installed
/// server started privately, else one installed with apt-get. Where none of these is possible the tests fail and say what is missing.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    /// <summary>The environment variable with a connection string whose user may create databases.</summary>
    public const string AddressVariable = "IMAGEPIPE_TEST_POSTGRES";

    // Pinned: a server of the same major version as Debian's, so that every way runs the same.
    const string Image = "postgres:15.14-alpine";

    readonly SemaphoreSlim _starting = new(1);
    PostgreSqlContainer? _container;
    PrivatePostgres? _private;
    string? _address;

    /// <inheritdoc />
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Makes an empty database and returns its connection string. The server is started by the first test that asks.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var address = await AddressAsync();
        var name = $"test_{Guid.NewGuid():N}";
        await using (var connection = new NpgsqlConnection(address))
        {
            await connection.OpenAsync();
            await using var create = connection.CreateCommand();
            create.CommandText = $"CREATE DATABASE {name}";
            await create.ExecuteNonQueryAsync();
        }
        return new NpgsqlConnectionStringBuilder(address) { Database = name, MaxPoolSize = 50 }.ConnectionString;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_container is not null)
            await _container.DisposeAsync();
        if (_private is not null)
            await _private.DisposeAsync();
        _starting.Dispose();
    }

    async Task<string> AddressAsync()
    {
        await _starting.WaitAsync();
        try
        {
            return _address ??= await FindAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    async Task<string> FindAsync()
    {
        if (Environment.GetEnvironmentVariable(AddressVariable) is { Length: > 0 } address)
            return address;
        if (await Commands.SucceedsAsync("docker", ["info"]))
        {
            _container = new PostgreSqlBuilder(Image).Build();
            await _container.StartAsync();
            return _container.GetConnectionString();
        }
        if (PrivatePostgres.FindPrograms() is null)
            await InstallAsync();
        _private = await PrivatePostgres.StartAsync(PrivatePostgres.FindPrograms() ?? throw Missing());
        return _private.Address;
    }

    static async Task InstallAsync()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root" || !await Commands.SucceedsAsync("apt-get", ["--version"]))
            throw Missing();
        await Commands.RunAsync("apt-get", ["update", "-q"]);
        await Commands.RunAsync("apt-get", ["install", "-y", "-q", "--no-install-recommends", "postgresql"]);
    }

    static InvalidOperationException Missing() => new(
        $"These tests need PostgreSQL: set {AddressVariable} to a connection string whose user may create databases, or start Docker, or install "
        + "PostgreSQL (on Debian: apt-get install postgresql).");
}

/// <summary>An installed PostgreSQL, started for the tests alone: in a folder of its own, on a free port, with nothing kept.</summary>
sealed class PrivatePostgres : IAsyncDisposable
{
    readonly TempFolder _folder;
    readonly string _programs;

    PrivatePostgres(string programs, TempFolder folder, int port)
    {
        _programs = programs;
        _folder = folder;
        Address = $"Host=127.0.0.1;Port={port};Username=imagepipe;Database=postgres";
    }

    public string Address { get; }

    /// <summary>The folder with initdb and pg_ctl; null when PostgreSQL is not installed.</summary>
    public static string? FindPrograms()
    {
        const string debian = "/usr/lib/postgresql";
        var versions = Directory.Exists(debian) ? Directory.GetDirectories(debian).OrderDescending().Select(d => Path.Combine(d, "bin")) : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return versions.Concat(path).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")));
    }

    public static async Task<PrivatePostgres> StartAsync(string programs)
    {
        StopAbandoned(programs);
        var folder = new TempFolder();
        var server = new PrivatePostgres(programs, folder, FreePort());
        if (Environment.UserName == "root")
        {
            // PostgreSQL refuses to run as root; the installed package brings this user.
            await Commands.RunAsync("chown", ["postgres", folder.Path]);
        }
        await server.RunAsync("initdb", "-D", server.Data, "-U", "imagepipe", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync");
        // Nothing here outlives the tests, so nothing has to reach the disk.
        var settings = $"-p {new NpgsqlConnectionStringBuilder(server.Address).Port} -h 127.0.0.1 -k {folder.Path} "
            + "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300";
        await server.RunAsync("pg_ctl", "-D", server.Data, "-w", "-t", "60", "-l", folder["log"], "-o", settings, "start");
        await File.WriteAllTextAsync(folder[Owner], Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return server;
    }

    const string Owner = "owner.pid";

    string Data => _folder["data"];

    public async ValueTask DisposeAsync()
    {
        await RunAsync("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        _folder.Dispose();
    }

    // A test process that was killed leaves its server behind; the next one clears up.
    static void StopAbandoned(string programs)
    {
        foreach (var owner in TempFolder.All().Select(f => Path.Combine(f, Owner)).Where(File.Exists))
        {
            if (!int.TryParse(File.ReadAllText(owner), out var pid) || IsAlive(pid))
                continue;
            var folder = Path.GetDirectoryName(owner)!;
            using var stop = Commands.Start("sh", AsServerUser([Path.Combine(programs, "pg_ctl"), "-D", Path.Combine(folder, "data"), "-m", "immediate", "-w", "stop"]));
            stop.WaitForExit();
            Directory.Delete(folder, recursive: true);
        }
    }

    static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    Task RunAsync(string program, params string[] arguments) => Commands.RunAsync("sh", AsServerUser([Path.Combine(_programs, program), .. arguments]));

    static string[] AsServerUser(IReadOnlyList<string> command)
    {
        var line = string.Join(' ', command.Select(a => $"'{a}'"));
        return Environment.UserName == "root" ? ["-c", $"cd / && exec su postgres -s /bin/sh -c \"{line}\""] : ["-c", $"exec {line}"];
    }

    static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
