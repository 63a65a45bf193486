using ImagePipeline.Storage.Failures;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Storage.Tests.Failures;

public sealed class ReplayTableOnSqliteTests(PostgresServer postgres) : ReplayTableTests(DatabaseKind.Sqlite, postgres);

public sealed class ReplayTableOnPostgreSqlTests(PostgresServer postgres) : ReplayTableTests(DatabaseKind.PostgreSql, postgres);

/// <summary>What people do with failed messages.</summary>
public abstract class ReplayTableTests(DatabaseKind kind, PostgresServer postgres) : IAsyncLifetime
{
    FailureTables _tables = null!;

    public async ValueTask InitializeAsync() => _tables = await FailureTables.CreateAsync(kind, postgres);

    public async ValueTask DisposeAsync()
    {
        await _tables.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task All_messages_of_a_replay_are_staged_before_the_first_is_published_the_oldest_first()
    {
        await AddAsync(5);

        var replay = await _tables.BeginAsync(limit: 3);

        Assert.Equal((1, "replay", "ann@desk", "replay --all", ReplayState.Running, 3, 3, 0), (
            replay.Number, replay.Action, replay.Asked.By, replay.Asked.What, replay.State, replay.Messages, replay.Waiting, replay.CameBack));
        Assert.Equal(["0", "1", "2"], (await _tables.Replays.NextAsync(replay.Number, 10, default)).Select(m => m.MessageId));
        Assert.Equal(["0", "1"], (await _tables.Replays.NextAsync(replay.Number, 2, default)).Select(m => m.MessageId));
        Assert.Equal(3, (await _tables.AllAsync(FailureState.Staged)).Count);
        Assert.Equal(3, (await _tables.GroupsAsync()).Sum(g => g.Staged));
    }

    [Fact]
    public async Task Its_pace_is_kept()
    {
        await AddAsync(1);

        var replay = (await _tables.Replays.BeginAsync(new(), null, new ReplayPace(12.5, true), FailureTables.Asked, FailureTables.Owner, default))!;

        Assert.Equal(new ReplayPace(12.5, true), (await _tables.Replays.FindAsync(replay.Number, default))!.Pace);
    }

    [Fact]
    public async Task What_is_published_is_replayed_and_what_is_not_stays_staged()
    {
        await AddAsync(3);
        var replay = await _tables.BeginAsync();
        var next = await _tables.Replays.NextAsync(replay.Number, 2, default);

        await _tables.Replays.PublishedAsync(replay.Number, [.. next.Select(m => m.Id)], default);

        Assert.Equal(["2"], (await _tables.Replays.NextAsync(replay.Number, 10, default)).Select(m => m.MessageId));
        Assert.Equal(2, (await _tables.AllAsync(FailureState.Replayed)).Count);
        Assert.Equal(1, (await _tables.Replays.FindAsync(replay.Number, default))!.Waiting);
    }

    [Fact]
    public async Task Nothing_to_replay_is_no_replay_and_the_next_number_is_not_used_up()
    {
        Assert.Null(await _tables.Replays.BeginAsync(new(), null, ReplayPace.AsFastAsPossible, FailureTables.Asked, FailureTables.Owner, default));
        Assert.Empty(await _tables.Replays.HistoryAsync(10, default));
        await AddAsync(1);

        Assert.Equal(1, (await _tables.BeginAsync()).Number);
    }

    [Fact]
    public async Task What_failed_in_one_process_is_not_replayed()
    {
        await _tables.AddAsync(Some.Taken() with { InProcess = true });

        Assert.Null(await _tables.Replays.BeginAsync(new(), null, ReplayPace.AsFastAsPossible, FailureTables.Asked, FailureTables.Owner, default));
    }

    [Fact]
    public async Task Two_that_begin_at_once_share_no_message_and_have_two_numbers()
    {
        await AddAsync(200);

        var begun = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => _tables.Replays.BeginAsync(
            new(), 50, ReplayPace.AsFastAsPossible, FailureTables.Asked, new ReplayOwner($"{i}", TimeSpan.FromMinutes(1)), default))));

        var replays = begun.OfType<Replay>().ToList();
        Assert.Equal(replays.Count, replays.Select(r => r.Number).Distinct().Count());
        var all = new List<string>();
        foreach (var replay in replays)
            all.AddRange((await _tables.Replays.NextAsync(replay.Number, 1_000, default)).Select(m => m.Id));
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.Equal(replays.Sum(r => r.Messages), all.Count);
    }

    [Fact]
    public async Task A_replay_is_at_by_one_process_until_its_claim_runs_out()
    {
        await AddAsync(1);
        var replay = await _tables.BeginAsync();

        Assert.False(await _tables.Replays.ClaimAsync(replay.Number, FailureTables.Another, default));
        Assert.Empty(await _tables.Replays.AbandonedAsync(default));
        _tables.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.True(await _tables.Replays.RenewAsync(replay.Number, FailureTables.Owner, default));
        _tables.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.False(await _tables.Replays.ClaimAsync(replay.Number, FailureTables.Another, default));
        _tables.Time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(replay.Number, Assert.Single(await _tables.Replays.AbandonedAsync(default)).Number);
        Assert.True(await _tables.Replays.ClaimAsync(replay.Number, FailureTables.Another, default));
        Assert.False(await _tables.Replays.RenewAsync(replay.Number, FailureTables.Owner, default));
        Assert.False(await _tables.Replays.EndAsync(replay.Number, ReplayState.Done, null, FailureTables.Owner, default));
        Assert.True(await _tables.Replays.EndAsync(replay.Number, ReplayState.Done, null, FailureTables.Another, default));
    }

    [Fact]
    public async Task A_pause_is_noticed_by_whoever_is_at_it_and_can_be_gone_on_with()
    {
        await AddAsync(2);
        var replay = await _tables.BeginAsync();

        Assert.True(await _tables.Replays.EndAsync(replay.Number, ReplayState.Paused, "Ann asked for it.", null, default));

        Assert.False(await _tables.Replays.RenewAsync(replay.Number, FailureTables.Owner, default));
        var paused = (await _tables.Replays.FindAsync(replay.Number, default))!;
        Assert.Equal((ReplayState.Paused, "Ann asked for it.", 2), (paused.State, paused.Why, paused.Waiting));
        Assert.Empty(await _tables.Replays.AbandonedAsync(default));
        Assert.True(await _tables.Replays.ClaimAsync(replay.Number, FailureTables.Another, default));
        Assert.Equal((ReplayState.Running, null), ((await _tables.Replays.FindAsync(replay.Number, default))!.State, (await _tables.Replays.FindAsync(replay.Number, default))!.Why));
    }

    [Fact]
    public async Task Cancelled_what_was_not_published_waits_as_before_and_nobody_goes_on_with_it()
    {
        await AddAsync(3);
        var replay = await _tables.BeginAsync();
        await _tables.Replays.PublishedAsync(replay.Number, [(await _tables.Replays.NextAsync(replay.Number, 1, default))[0].Id], default);

        Assert.True(await _tables.Replays.EndAsync(replay.Number, ReplayState.Cancelled, null, null, default));

        Assert.Equal((2, 1, 0), ((await _tables.AllAsync(FailureState.Failed)).Count, (await _tables.AllAsync(FailureState.Replayed)).Count, (await _tables.AllAsync(FailureState.Staged)).Count));
        Assert.False(await _tables.Replays.ClaimAsync(replay.Number, FailureTables.Owner, default));
        Assert.False(await _tables.Replays.EndAsync(replay.Number, ReplayState.Paused, null, null, default));
        Assert.Equal(2, (await _tables.BeginAsync()).Messages);
    }

    [Fact]
    public async Task A_message_that_a_replay_was_cancelled_for_does_not_count_as_come_back_from_it()
    {
        await AddAsync(1);
        var replay = await _tables.BeginAsync();
        await _tables.Replays.EndAsync(replay.Number, ReplayState.Cancelled, null, null, default);

        await _tables.AddAsync(Some.Taken("0", occurrence: "2"));

        Assert.Equal(0, (await _tables.Replays.FindAsync(replay.Number, default))!.CameBack);
    }

    [Fact]
    public async Task Archived_messages_are_in_no_group_until_they_are_restored_and_history_tells_who_did_it()
    {
        await AddAsync(3);

        var archived = await _tables.Replays.ArchiveAsync(new(), new("ann@desk", "archive all"), default);

        Assert.Equal(("archive", 3, ReplayState.Done), (archived!.Action, archived.Messages, archived.State));
        Assert.Empty(await _tables.GroupsAsync());
        Assert.Equal(3, (await _tables.Messages.GroupsAsync(new(), default, archived: true)).Sum(g => g.Messages));
        Assert.Null(await _tables.Replays.ArchiveAsync(new(), FailureTables.Asked, default));

        _tables.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(3, (await _tables.Replays.RestoreAsync(new(), new("bob@desk", "restore all"), default))!.Messages);

        Assert.Equal(3, (await _tables.GroupsAsync()).Sum(g => g.Messages));
        Assert.Equal([("restore", "bob@desk"), ("archive", "ann@desk")], (await _tables.Replays.HistoryAsync(10, default)).Select(r => (r.Action, r.Asked.By)));
    }

    [Fact]
    public async Task A_staged_message_is_not_archived()
    {
        await AddAsync(1);
        await _tables.BeginAsync();

        Assert.Null(await _tables.Replays.ArchiveAsync(new(), FailureTables.Asked, default));
    }

    Task<int> AddAsync(int count) => _tables.AddAsync([.. Enumerable.Range(0, count).Select(i => Some.Taken($"{i}", failedAt: Some.Then.AddSeconds(i)))]);
}
