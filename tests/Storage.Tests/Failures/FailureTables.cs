using Dapper;
using ImagePipeline.Storage.Failures;
using ImagePipeline.TestSupport;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.Storage.Tests.Failures;

/// <summary>The tables of failures in a database of their own, on a clock of the test's.</summary>
sealed class FailureTables : IAsyncDisposable
{
    readonly TestDatabase _database;

    FailureTables(TestDatabase database)
    {
        _database = database;
        Messages = new(database.Database, Time);
        Replays = new(database.Database, Time);
    }

    public FakeTimeProvider Time { get; } = new(Some.Then);

    public FailedMessageTable Messages { get; }

    public ReplayTable Replays { get; }

    public static async Task<FailureTables> CreateAsync(DatabaseKind kind, PostgresServer postgres) => new(await TestDatabase.CreateAsync(kind, postgres));

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    public Task<int> AddAsync(params TakenMessage[] taken) => Messages.AddAsync(taken, default);

    public Task<IReadOnlyList<FailedMessage>> AllAsync(params FailureState[] states) => Messages.FindAsync(new(), int.MaxValue, default, states);

    public async Task<FailedMessage> OneAsync() => Assert.Single(await AllAsync());

    public Task<IReadOnlyList<FailureGroupRow>> GroupsAsync() => Messages.GroupsAsync(new(), default);

    /// <summary>Replays what the filter means, as if it had been published at once.</summary>
    public async Task<Replay> ReplayAsync(FailureFilter? filter = null, ReplayOwner? owner = null)
    {
        var begun = await BeginAsync(filter, owner);
        await Replays.PublishedAsync(begun.Number, [.. (await Replays.NextAsync(begun.Number, int.MaxValue, default)).Select(m => m.Id)], default);
        await Replays.EndAsync(begun.Number, ReplayState.Done, null, owner ?? Owner, default);
        return begun;
    }

    public async Task<Replay> BeginAsync(FailureFilter? filter = null, ReplayOwner? owner = null, int? limit = null) =>
        Assert.IsType<Replay>(await Replays.BeginAsync(filter ?? new(), limit, ReplayPace.AsFastAsPossible, Asked, owner ?? Owner, default));

    public static Asked Asked { get; } = new("ann@desk", "replay --all");

    public static ReplayOwner Owner { get; } = new("one", TimeSpan.FromMinutes(1));

    public static ReplayOwner Another { get; } = new("two", TimeSpan.FromMinutes(1));

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await _database.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }
}
