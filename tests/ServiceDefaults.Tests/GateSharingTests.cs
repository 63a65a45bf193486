using ImagePipeline.Storage.Gates;
using ImagePipeline.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.ServiceDefaults.Tests;

public abstract class GateSharingTests(DatabaseKind kind, PostgresServer postgres) : IAsyncLifetime
{
    const string Name = "feed:acme";

    readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    TestDatabase _database = null!;
    Process _first = null!;
    Process _second = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind, postgres);
        (_first, _second) = (NewProcess(), NewProcess());
    }

    public async ValueTask DisposeAsync()
    {
        _first.Gates.Dispose();
        _second.Gates.Dispose();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_gate_that_one_process_closes_is_closed_in_all()
    {
        _first.Gates.Close(Name, TimeSpan.FromMinutes(1), "Enough.");

        await ShareAsync();

        Assert.Equal(_first.Gates.Closed, _second.Gates.Closed);
        Assert.Single(_second.Gates.Closed);
    }

    [Fact]
    public async Task A_gate_that_one_process_finds_open_is_open_in_all()
    {
        _first.Gates.Close(Name, TimeSpan.FromMinutes(1), "Enough.");
        await ShareAsync();
        var held = _first.Gates.WaitAsync(Name, default).AsTask();
        _time.Advance(TimeSpan.FromMinutes(1));

        using (var probe = await _second.Gates.WaitAsync(Name, default))
            probe.Succeeded();
        await _second.Sharing.ShareAsync(default);
        await _first.Sharing.ShareAsync(default);

        Assert.Empty(_first.Gates.Closed);
        Assert.False((await held).IsProbe && _first.Gates.IsClosed(Name));
        Assert.Empty(await Table.AllAsync(default));
    }

    [Fact]
    public async Task Of_two_that_close_it_the_later_end_counts()
    {
        _first.Gates.Close(Name, TimeSpan.FromMinutes(5), "Come in five minutes.");
        _second.Gates.Close(Name, TimeSpan.FromMinutes(1), "Enough.");

        await ShareAsync();
        await ShareAsync();

        Assert.Equal(_time.GetUtcNow().AddMinutes(5), Assert.Single(_first.Gates.Closed).Until);
        Assert.Equal(_time.GetUtcNow().AddMinutes(5), Assert.Single(_second.Gates.Closed).Until);
    }

    [Fact]
    public async Task A_refused_probe_makes_all_wait_longer()
    {
        _first.Gates.Close(Name, null, "Enough.");
        await ShareAsync();
        _time.Advance(TimeSpan.FromSeconds(1));

        (await _second.Gates.WaitAsync(Name, default)).Refused(null, "Still.");
        await _second.Sharing.ShareAsync(default);
        await _first.Sharing.ShareAsync(default);

        Assert.Equal(_time.GetUtcNow().AddSeconds(2), Assert.Single(_first.Gates.Closed).Until);
    }

    [Fact]
    public async Task What_a_process_that_is_gone_has_closed_costs_no_more_than_a_probe()
    {
        _first.Gates.Close(Name, TimeSpan.FromMinutes(1), "Enough.");
        await _first.Sharing.ShareAsync(default);
        _time.Advance(TimeSpan.FromMinutes(10));

        await _second.Sharing.ShareAsync(default);
        using (var pass = await _second.Gates.WaitAsync(Name, default))
        {
            Assert.True(pass.IsProbe);
            pass.Succeeded();
        }
        await _second.Sharing.ShareAsync(default);

        Assert.Empty(await Table.AllAsync(default));
    }

    [Fact]
    public async Task What_nobody_has_renewed_for_long_is_forgotten()
    {
        _first.Gates.Close(Name, TimeSpan.FromMinutes(1), "Enough.");
        await _first.Sharing.ShareAsync(default);
        _time.Advance(TimeSpan.FromHours(1));

        await _second.Sharing.ShareAsync(default);

        Assert.Empty(_second.Gates.Closed);
        Assert.Empty(await Table.AllAsync(default));
    }

    [Fact]
    public async Task That_the_database_is_gone_each_process_finds_out_for_itself()
    {
        _first.Gates.Close(Gates.Database, TimeSpan.FromMinutes(1), "Gone.");
        _first.Gates.Close(Name, TimeSpan.FromMinutes(1), "Enough.");

        await ShareAsync();
        Assert.Empty(_second.Gates.Closed);
        _first.Gates.Of(Gates.Database).OpenAsTold();
        await ShareAsync();

        Assert.Equal(Name, Assert.Single(_second.Gates.Closed).Name);
    }

    [Fact]
    public async Task Sharing_that_fails_is_no_failure()
    {
        await using (var connection = await _database.Database.Source.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "DROP TABLE gate";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        _first.Gates.Close(Name, TimeSpan.FromMinutes(1), "Enough.");

        await ShareAsync();

        Assert.Single(_first.Gates.Closed);
    }

    GateTable Table => new(_database.Database);

    async Task ShareAsync()
    {
        await _first.Sharing.ShareAsync(TestContext.Current.CancellationToken);
        await _second.Sharing.ShareAsync(TestContext.Current.CancellationToken);
    }

    Process NewProcess()
    {
        var options = Options.Create(new GateOptions());
        var gates = new Gates(options, _time, () => 0.5, metrics: null, NullLogger<Gates>.Instance);
        return new Process(gates, new GateSharing(gates, Table, options, _time, NullLogger<GateSharing>.Instance));
    }

    sealed record Process(Gates Gates, GateSharing Sharing);
}

public sealed class SqliteGateSharingTests(PostgresServer postgres) : GateSharingTests(DatabaseKind.Sqlite, postgres);

public sealed class PostgreSqlGateSharingTests(PostgresServer postgres) : GateSharingTests(DatabaseKind.PostgreSql, postgres);
