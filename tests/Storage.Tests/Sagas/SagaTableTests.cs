using System.Collections.Concurrent;
using Dapper;
using ImagePipeline.Storage.Sagas;
using ImagePipeline.TestSupport;
using MassTransit;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ImagePipeline.Storage.Tests.Sagas;

/// <summary>What a saga repository must hold to, on every database.</summary>
public abstract class SagaTableTests(DatabaseKind kind, PostgresServer postgres) : IAsyncLifetime
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    readonly ConcurrentQueue<(Guid Id, int Version)> _committed = new();
    readonly ReceivedMessages _received = new();
    TestDatabase _database = null!;
    ServiceProvider _services = null!;
    ITestHarness _harness = null!;

    SagaTable<CounterState> Table => _services.GetRequiredService<SagaTable<CounterState>>();

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind, postgres);
        await ExecuteAsync(
            "CREATE TABLE counter_saga (correlation_id TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL, "
            + "updated_at BIGINT NOT NULL, numbers INTEGER NOT NULL, mine TEXT NOT NULL DEFAULT 'untouched')");
        _services = new ServiceCollection()
            .AddSingleton(_database.Database)
            .AddSingleton(TimeProvider.System)
            .AddMassTransitTestHarness(TextWriter.Null, bus =>
            {
                bus.SetTestTimeouts(Limit, Limit);
                bus.AddSagaStateMachine<CounterStateMachine, CounterState>()
                    .KeepInTable(_ => CounterState.Options(s => _committed.Enqueue((s.CorrelationId, s.Version))));
                bus.AddConfigureEndpointsCallback((_, endpoint) =>
                {
                    endpoint.ConcurrentMessageLimit = 32;
                    endpoint.UseMessageRetry(r =>
                    {
                        r.Handle<ConcurrencyException>();
                        r.Interval(200, 10);
                    });
                });
            })
            .BuildServiceProvider();
        _harness = _services.GetRequiredService<ITestHarness>();
        _harness.Bus.ConnectReceiveObserver(_received);
        await _harness.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_initiating_message_starts_the_saga()
    {
        var id = await AddedAsync(7);

        var saga = await Table.LoadAsync(id, default);

        Assert.Equal([7], saga!.Numbers);
        Assert.Equal("Open", saga.CurrentState);
    }

    [Fact]
    public async Task A_correlated_message_finds_the_saga()
    {
        var id = await AddedAsync(1);

        await SendAsync(new Added(id, 2));

        Assert.Equal([1, 2], (await Table.LoadAsync(id, default))!.Numbers);
    }

    [Fact]
    public async Task No_update_is_lost_when_many_meet()
    {
        var id = await AddedAsync(0);

        await Task.WhenAll(Enumerable.Range(1, 49).Select(n => SendAsync(new Added(id, n))));

        var saga = await Table.LoadAsync(id, default);
        Assert.Equal(Enumerable.Range(0, 50), saga!.Numbers.Order());
        Assert.Equal(50, saga.Version);
    }

    [Fact]
    public async Task Two_first_messages_make_one_saga_with_both()
    {
        var ids = Enumerable.Range(0, 20).Select(_ => Guid.NewGuid()).ToArray();

        await Task.WhenAll(ids.SelectMany(id => new[] { SendAsync(new Added(id, 1)), SendAsync(new Added(id, 2)) }));

        foreach (var id in ids)
            Assert.Equal([1, 2], (await Table.LoadAsync(id, default))!.Numbers.Order());
    }

    [Fact]
    public async Task A_finished_saga_is_deleted()
    {
        var id = await AddedAsync(1);

        await SendAsync(new Closed(id));

        Assert.Null(await Table.LoadAsync(id, default));
    }

    [Fact]
    public async Task An_event_after_the_end_starts_anew()
    {
        var id = await AddedAsync(1);
        await SendAsync(new Closed(id));

        await SendAsync(new Added(id, 9));

        Assert.Equal([9], (await Table.LoadAsync(id, default))!.Numbers);
    }

    [Fact]
    public async Task A_read_only_event_writes_nothing()
    {
        var id = await AddedAsync(1);

        await SendAsync(new Looked(id));

        Assert.Equal([1], (await Table.LoadAsync(id, default))!.Numbers);
    }

    [Fact]
    public async Task A_stale_update_is_refused_and_changes_nothing()
    {
        var id = await AddedAsync(1);
        var stale = await Table.LoadAsync(id, default);
        await SendAsync(new Added(id, 2));

        stale!.Numbers.Clear();

        await Assert.ThrowsAsync<ConcurrencyException>(() => Table.UpdateAsync(stale, default));
        Assert.Equal([1, 2], (await Table.LoadAsync(id, default))!.Numbers);
    }

    [Fact]
    public async Task A_stale_delete_is_refused()
    {
        var id = await AddedAsync(1);
        var stale = await Table.LoadAsync(id, default);
        await SendAsync(new Added(id, 2));

        await Assert.ThrowsAsync<ConcurrencyException>(() => Table.DeleteAsync(stale!, default));
        Assert.NotNull(await Table.LoadAsync(id, default));
    }

    [Fact]
    public async Task A_second_insert_changes_nothing_and_says_so()
    {
        var id = await AddedAsync(1);

        Assert.False(await Table.InsertAsync(new CounterState { CorrelationId = id, Numbers = [5] }, default));
        Assert.Equal([1], (await Table.LoadAsync(id, default))!.Numbers);
    }

    [Fact]
    public async Task A_saga_of_a_thousand_numbers_comes_back_whole()
    {
        var id = Guid.NewGuid();
        await Table.InsertAsync(new CounterState { CorrelationId = id, CurrentState = "Open", Numbers = [.. Enumerable.Range(0, 1_000)] }, default);

        await SendAsync(new Added(id, 1_000));

        Assert.Equal(Enumerable.Range(0, 1_001), (await Table.LoadAsync(id, default))!.Numbers);
    }

    [Fact]
    public async Task Further_columns_follow_the_saga_and_others_are_left_alone()
    {
        var id = await AddedAsync(1);
        await ExecuteAsync("UPDATE counter_saga SET mine = 'touched'");

        await SendAsync(new Added(id, 2));

        await using var connection = await _database.Database.Source.OpenConnectionAsync();
        Assert.Equal((2, "touched"), await connection.QuerySingleAsync<(int, string)>("SELECT numbers, mine FROM counter_saga"));
    }

    [Fact]
    public async Task Each_commit_is_told_with_its_version()
    {
        var id = await AddedAsync(1);

        await SendAsync(new Added(id, 2));

        Assert.Equal([(id, 1), (id, 2)], _committed);
    }

    [Fact]
    public async Task A_saga_written_by_another_version_of_the_product_is_read()
    {
        var id = Guid.NewGuid();
        const string body = """{"currentState":"Open","numbers":[4],"addedLater":{"x":1}}""";
        await ExecuteAsync($"INSERT INTO counter_saga (correlation_id, version, body, updated_at, numbers) VALUES ('{id}', 3, '{body}', 0, 1)");

        await SendAsync(new Added(id, 5));

        Assert.Equal([4, 5], (await Table.LoadAsync(id, default))!.Numbers);
    }

    [Fact]
    public async Task A_database_that_fails_is_no_missing_saga()
    {
        var id = await AddedAsync(1);
        await ExecuteAsync("ALTER TABLE counter_saga RENAME TO gone");

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => Table.LoadAsync(id, default));
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => Table.InsertAsync(new CounterState { CorrelationId = id }, default));
    }

    async Task<Guid> AddedAsync(int number)
    {
        var id = Guid.NewGuid();
        await SendAsync(new Added(id, number));
        return id;
    }

    /// <summary>Sends a message and waits until it is dealt with, retries and all.</summary>
    async Task SendAsync<T>(T message)
        where T : class
    {
        var messageId = NewId.NextGuid();
        var received = _received.Next(messageId);
        await _harness.Bus.Publish(message, c => c.MessageId = messageId);
        await received.WaitAsync(Limit);
        Assert.DoesNotContain(_harness.Published.Select<Fault<T>>(new CancellationToken(true)), f => f.Context.Message.FaultedMessageId == messageId);
    }

    async Task ExecuteAsync(string sql)
    {
        await using var connection = await _database.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }
}

public sealed class SagaTableOnSqliteTests(PostgresServer postgres) : SagaTableTests(DatabaseKind.Sqlite, postgres);

public sealed class SagaTableOnPostgreSqlTests(PostgresServer postgres) : SagaTableTests(DatabaseKind.PostgreSql, postgres);
