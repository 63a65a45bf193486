using System.Text.Json;
using ImagePipeline.Storage.Failures;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Pipeline.Tests.Failures;

public sealed class ReplayTests(RabbitMqServer server, PostgresServer postgres)
{
    [Fact]
    public async Task More_than_one_message_is_shown_first_and_sent_with_yes_only()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        var ids = await scene.FailAsync(3);

        var shown = await scene.ReplayAsync("--all");
        var waiting = await broker.CountAsync(ReplayScene.Queue);
        var sent = await scene.ReplayAsync("--all", "--yes", "--by", "Ann");

        Assert.Equal((1, 0L), (shown.ExitCode, waiting));
        Assert.Contains("3 messages to listing-photos-requested", shown.Out, StringComparison.Ordinal);
        Assert.True(sent.ExitCode == 0, sent.Said);
        Assert.Equal(ids, await scene.TakeAsync());
        Assert.Equal((ReplayState.Done, 3L, 0L, "Ann"), await StateAsync(scene, 1));
    }

    [Fact]
    public async Task A_dry_run_sends_nothing_and_says_which_queue_is_not_there()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        await scene.FailAsync(2);
        await scene.FailAsync(1, f => f with { Queue = "photo-url-expired" });

        var ended = await scene.ReplayAsync("--all", "--dry-run");

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Contains("1 message to photo-url-expired (there is no such queue)", ended.Out, StringComparison.Ordinal);
        Assert.Equal((0L, 3), (await broker.CountAsync(ReplayScene.Queue), await scene.CountAsync(FailureState.Failed)));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.PostgreSql)]
    public async Task A_limit_sends_the_oldest_failures(DatabaseKind kind)
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres, kind);
        var ids = await scene.FailAsync(10);

        var ended = await scene.ReplayAsync("--all", "--limit", "4", "--yes");

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(ids.Take(4), await scene.TakeAsync());
        Assert.Equal(6, await scene.CountAsync(FailureState.Failed));
    }

    [Fact]
    public async Task A_group_is_replayed_by_the_beginning_of_its_id_and_the_others_are_left_alone()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        await scene.FailAsync(3);
        var ids = await scene.FailAsync(2, f => f with { Reason = "Something else." });
        await scene.ReplayAsync("--all", "--dry-run");
        var group = (await scene.Messages.FindAsync(new() { Exception = "something ELSE" }, 1, CancellationToken.None))[0].Group;

        var ended = await scene.ReplayAsync(group[..5], "--yes");

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(ids, await scene.TakeAsync());
        Assert.Equal(3, await scene.CountAsync(FailureState.Failed));
    }

    [Fact]
    public async Task Only_what_is_old_enough_is_replayed()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        var old = await scene.FailAsync(1, f => f with { At = f.At.AddHours(-3) });
        await scene.FailAsync(1);

        var ended = await scene.ReplayAsync("--older-than", "2h");

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(old, await scene.TakeAsync());
    }

    [Fact]
    public async Task The_rate_is_kept()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        await scene.FailAsync(31);

        var ended = await scene.ReplayAsync("--all", "--yes", "--rate", "10/s");

        Assert.True(ended.ExitCode == 0, ended.Said);
        var replay = await scene.FindAsync(1);
        Assert.InRange((replay.EndedAt!.Value - replay.StartedAt).TotalSeconds, 3, 120);
        Assert.Equal(31, await broker.CountAsync(ReplayScene.Queue));
    }

    [Fact]
    public async Task Paused_from_elsewhere_it_ends_soon_and_resumed_it_sends_the_rest()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        // For much longer than it takes to start the process that asks.
        var ids = await scene.FailAsync(150);
        var replaying = scene.StartReplay("--all", "--yes", "--rate", "3/s");
        await scene.UntilSentAsync(1, 5);

        var pausing = await scene.ReplayAsync("--pause", "1", "--by", "Ann");
        var paused = await replaying.EndAsync();
        var sent = await broker.CountAsync(ReplayScene.Queue);
        var resumed = await scene.ReplayAsync("--resume", "1", "--rate", "1000/s");

        Assert.True(pausing.ExitCode == 0, pausing.Said);
        Assert.True(paused.ExitCode == 1 && paused.Error.Contains("Paused by Ann.", StringComparison.Ordinal) && paused.Error.Contains("--resume 1", StringComparison.Ordinal), paused.Said);
        Assert.InRange(sent!.Value, 5, 149);
        Assert.True(resumed.ExitCode == 0, resumed.Said);
        Assert.Equal(ids, await scene.TakeAsync());
    }

    [Fact]
    public async Task Asked_to_stop_it_pauses_and_says_how_to_go_on()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        await scene.FailAsync(60);
        var replaying = scene.StartReplay("--all", "--yes", "--rate", "5/s");
        await scene.UntilSentAsync(1, 2);

        replaying.Terminate();
        var ended = await replaying.EndAsync();

        Assert.True(ended.ExitCode == 1 && ended.Error.Contains("--resume 1", StringComparison.Ordinal), ended.Said);
        var replay = await scene.FindAsync(1);
        Assert.Equal(ReplayState.Paused, replay.State);
        Assert.Equal((await broker.CountAsync(ReplayScene.Queue), 60L), (replay.Sent, replay.Sent + replay.Waiting));
    }

    [Fact]
    public async Task Cancelled_from_elsewhere_it_ends_and_what_was_not_sent_waits_as_before()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        // For much longer than it takes to start the process that asks.
        await scene.FailAsync(150);
        var replaying = scene.StartReplay("--all", "--yes", "--rate", "3/s");
        await scene.UntilSentAsync(1, 5);

        var cancelling = await scene.ReplayAsync("--cancel", "1");
        var ended = await replaying.EndAsync();

        Assert.True(cancelling.ExitCode == 0, cancelling.Said);
        Assert.Equal(1, ended.ExitCode);
        var sent = (int)(await broker.CountAsync(ReplayScene.Queue))!.Value;
        Assert.Equal((ReplayState.Cancelled, 150 - sent), ((await scene.FindAsync(1)).State, await scene.CountAsync(FailureState.Failed)));
        Assert.Equal(sent, await scene.CountAsync(FailureState.Replayed));
    }

    [Fact]
    public async Task For_a_queue_that_is_gone_it_stops_and_says_so_and_goes_on_when_it_is_there()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        var ids = await scene.FailAsync(5, f => f with { Queue = "photo-url-expired" });

        var stopped = await scene.ReplayAsync("--all", "--yes");
        var staged = await scene.CountAsync(FailureState.Staged);
        await broker.DeclareQueueAsync("photo-url-expired");
        var resumed = await scene.ReplayAsync("--resume", "1");

        Assert.True(stopped.ExitCode == 1 && stopped.Error.Contains("There is no queue photo-url-expired", StringComparison.Ordinal), stopped.Said);
        Assert.Equal(5, staged);
        Assert.True(resumed.ExitCode == 0, resumed.Said);
        Assert.Equal(ids, await scene.TakeAsync("photo-url-expired"));
    }

    [Fact]
    public async Task A_message_that_can_never_be_sent_stops_it_by_its_name_and_keeps_nothing_else_from_being_replayed()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        var ids = await scene.FailAsync(2);
        await broker.DeclareQueueAsync("parking");
        await broker.PublishAsync("", "parking", "{}", new() { ["x-first-death-queue"] = new string('q', 300) });

        var stopped = await scene.ReplayAsync("--queue", "parking", "--by", "anna");
        var odd = Assert.Single(await scene.Messages.FindAsync(new() { Queue = "parking" }, 10, CancellationToken.None));
        var others = await scene.ReplayAsync("--queue", ReplayScene.Queue, "--yes");
        var cancelled = await scene.ReplayAsync("--cancel", "1");

        Assert.True(stopped.ExitCode == 1 && stopped.Error.Contains($"Message {odd.Id} cannot be sent: ", StringComparison.Ordinal), stopped.Said);
        Assert.True(others.ExitCode == 0, others.Said);
        Assert.Equal(ids, await scene.TakeAsync());
        Assert.True(cancelled.ExitCode == 0, cancelled.Said);
        Assert.Equal(1, await scene.CountAsync(FailureState.Failed));
    }

    [Fact]
    public async Task A_killed_replay_is_finished_by_the_next_one_before_anything_else()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        var ids = await scene.FailAsync(40);
        var killed = scene.StartReplay("--all", "--yes", "--rate", "10/s");
        await scene.UntilSentAsync(1, 3);
        await killed.KillAsync();

        var ended = await scene.ReplayAsync("--rate", "1000/s");

        Assert.True(ended.ExitCode == 0 && ended.Error.Contains("Replay 1 (--all --rate 10/s) was killed", StringComparison.Ordinal), ended.Said);
        Assert.Equal(ids, (await scene.TakeAsync()).Distinct());
        Assert.Equal(ReplayState.Done, (await scene.FindAsync(1)).State);
    }

    [Fact]
    public async Task One_that_also_finishes_a_killed_one_prints_a_single_document()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        await scene.FailAsync(40);
        await broker.DeclareQueueAsync("photo-url-expired");
        var killed = scene.StartReplay("--all", "--yes", "--rate", "10/s");
        await scene.UntilSentAsync(1, 3);
        await killed.KillAsync();
        await scene.FailAsync(1, f => f with { Queue = "photo-url-expired" });

        var ended = await scene.ReplayAsync("--queue", "photo-url-expired", "--rate", "1000/s", "--json");

        Assert.True(ended.ExitCode == 0 && ended.Error.Contains("replay 1 done: 40 of 40 sent", StringComparison.Ordinal), ended.Said);
        Assert.Equal(2, JsonDocument.Parse(ended.Out).RootElement.GetProperty("replay").GetInt64());
    }

    [Fact]
    public async Task A_replay_that_runs_elsewhere_is_left_alone()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        // It goes on for much longer than the two others take, and keeps its claim on a busy machine, too.
        scene.Imagepipe.Environment["Replay__ClaimTime"] = "00:01:00";
        await scene.FailAsync(300);
        var running = scene.StartReplay("--all", "--yes", "--rate", "3/s");
        await scene.UntilSentAsync(1, 1);
        var another = await scene.FailAsync(1, f => f with { Queue = "photo-url-expired" });
        await broker.DeclareQueueAsync("photo-url-expired");

        var ended = await scene.ReplayAsync("--queue", "photo-url-expired");
        var resumed = await scene.ReplayAsync("--resume", "1");

        Assert.True(ended.ExitCode == 0 && ended.Error.Contains("Replay 1 runs elsewhere", StringComparison.Ordinal), ended.Said);
        Assert.True(resumed.ExitCode == 2, resumed.Said);
        Assert.Equal(another, await scene.TakeAsync("photo-url-expired"));
        Assert.Equal(ReplayState.Running, (await scene.FindAsync(1)).State);
        running.Terminate();
        await running.EndAsync();
    }

    [Fact]
    public async Task What_failed_too_often_is_left_out_unless_it_is_named()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        var id = Guid.NewGuid().ToString();
        for (var failure = 1; failure <= 3; failure++)
        {
            await scene.FailAsync(1, f => f with { MessageId = id });
            Assert.Equal(0, (await scene.ReplayAsync("--all", "--max-failures", "2", failure == 3 ? "--dry-run" : "--yes")).ExitCode);
        }
        await scene.TakeAsync();
        var message = Assert.Single(await scene.Messages.FindAsync(new(), 10, CancellationToken.None, FailureState.Failed));

        var left = await scene.ReplayAsync("--all", "--max-failures", "2", "--yes");
        var named = await scene.ReplayAsync(message.Id, "--max-failures", "2");

        Assert.Equal(3, message.Failures);
        Assert.Contains("1 message failed more than 2 times and is left out", left.Error, StringComparison.Ordinal);
        Assert.True(named.ExitCode == 0, named.Said);
        Assert.Equal([id], await scene.TakeAsync());
    }

    [Fact]
    public async Task What_failed_in_one_process_is_left_to_the_next_run()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        await scene.Messages.AddAsync(
            [new TakenMessage { Kind = FailureKind.Error, Queue = "photo-requested-sample", FoundIn = "photo-requested-sample", InProcess = true, Reason = "No.", Body = new byte[] { 1 } }],
            CancellationToken.None);

        var ended = await scene.ReplayAsync("--all", "--yes");

        Assert.True(ended.ExitCode == 2 && ended.Error.Contains("start imagepipe run again, it asks for failed photos again", StringComparison.Ordinal), ended.Said);
    }

    [Theory]
    [InlineData("Say what to replay")]
    [InlineData("There is no failed message and no group 0123456789abcdef", "0123456789abcdef")]
    [InlineData("xyz is no id", "xyz")]
    [InlineData("abc is no id", "abc")]
    [InlineData("--rate is \"20\"", "--all", "--rate", "20")]
    [InlineData("--older-than is \"2\"", "--older-than", "2")]
    [InlineData("There is no replay 7", "--resume", "7")]
    [InlineData("--pause and --cancel do not go together", "--pause", "1", "--cancel", "1")]
    [InlineData("takes no ids and no filters", "--resume", "1", "--feed", "sample")]
    [InlineData("--limit takes a whole number above 0", "--all", "--limit", "0")]
    [InlineData("--stop-after takes a whole number", "--all", "--stop-after", "-1")]
    public async Task What_cannot_be_meant_is_one_sentence_and_2(string sentence, params string[] arguments)
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);

        var ended = await scene.ReplayAsync(arguments);

        Assert.True(ended.ExitCode == 2 && ended.Error.Contains(sentence, StringComparison.Ordinal) && !ended.Error.Contains("   at ", StringComparison.Ordinal), ended.Said);
    }

    [Fact]
    public async Task The_beginning_of_several_ids_is_not_enough()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        // Of so many some share their first four digits.
        await scene.FailAsync(2_000);
        await scene.ReplayAsync("--all", "--dry-run");
        var shared = (await scene.Messages.FindAsync(new(), 2_000, CancellationToken.None)).GroupBy(m => m.Id[..4]).First(g => g.Count() > 1).Key;

        var ended = await scene.ReplayAsync(shared);

        Assert.True(ended.ExitCode == 2 && ended.Error.Contains("is the beginning of several ids", StringComparison.Ordinal), ended.Said);
    }

    static async Task<(ReplayState, long, long, string)> StateAsync(ReplayScene scene, long number)
    {
        var replay = await scene.FindAsync(number);
        return (replay.State, replay.Sent, replay.Waiting, replay.Asked.By);
    }
}
