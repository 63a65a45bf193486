using System.Collections.Concurrent;
using ImagePipeline.Contracts;
using ImagePipeline.Pipeline.Tests.Bus;
using ImagePipeline.Storage.Failures;
using ImagePipeline.TestSupport;
using MassTransit;

namespace ImagePipeline.Pipeline.Tests.Failures;

/// <summary>Replays to consumers on the product's own bus.</summary>
public sealed class ReplayToServicesTests(RabbitMqServer server, PostgresServer postgres)
{
    [Fact]
    public async Task A_replayed_message_has_all_its_tries_again_and_a_further_failure_is_linked_to_the_first()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        var tries = new ConcurrentQueue<(Guid? Message, int Redeliveries)>();
        await using var host = await StartAsync(scene, context =>
        {
            tries.Enqueue((context.MessageId, context.GetRedeliveryCount()));
            throw new InvalidOperationException("The photo cannot be had.");
        });
        await FailAsync(scene, host, 1);

        var ended = await scene.ReplayAsync("--all");
        await Eventually.IsAsync(1, () => broker.CountAsync("photo-requested-sample_error"));
        await scene.ReplayAsync("--all", "--dry-run");

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal([0, 1, 2, 3, 0, 1, 2, 3], tries.Select(t => t.Redeliveries));
        Assert.Single(tries.Select(t => t.Message).Distinct());
        var again = Assert.Single(await scene.Messages.FindAsync(new(), 10, CancellationToken.None, FailureState.Failed));
        var first = Assert.Single(await scene.Messages.FindAsync(new(), 10, CancellationToken.None, FailureState.Replayed));
        Assert.Equal((2, first.Id, 1L), (again.Failures, again.FirstId, again.FromReplay));
    }

    [Fact]
    public async Task A_canary_stops_after_the_first_message_when_it_fails_again_and_goes_on_once_that_is_mended()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        var isMended = false;
        var done = new Heard();
        await using var host = await StartAsync(scene, context => isMended ? done.Add(context.Message) : throw new InvalidOperationException("Broken."));
        await FailAsync(scene, host, 20);
        // Seen as soon as it has failed again, however long that takes.
        scene.Imagepipe.Environment["Replay__CanaryWait"] = "00:01:00";

        var stopped = await scene.ReplayAsync("--all", "--yes", "--canary");
        var waiting = await scene.CountAsync(FailureState.Staged);
        isMended = true;
        scene.Imagepipe.Environment["Replay__CanaryWait"] = "00:00:02";
        var resumed = await scene.ReplayAsync("--resume", "1");
        var rest = await scene.ReplayAsync("--all");
        await done.UntilAsync<PhotoRequested>(20);

        Assert.True(stopped.ExitCode == 1 && stopped.Error.Contains("1 message of this replay failed again", StringComparison.Ordinal), stopped.Said);
        Assert.Equal(19, waiting);
        Assert.True(resumed.ExitCode == 0, resumed.Said);
        // The one that had come back is a failure of its own.
        Assert.True(rest.ExitCode == 0, rest.Said);
        Assert.Equal(20, done.All<PhotoRequested>().Select(r => r.PhotoId).Distinct().Count());
    }

    [Fact]
    public async Task A_canary_goes_on_to_the_end_in_growing_steps_while_nothing_fails_again()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        scene.Imagepipe.Environment["Replay__CanaryWait"] = "00:00:00.5";
        var isMended = false;
        var done = new Heard();
        await using var host = await StartAsync(scene, context => isMended ? done.Add(context.Message) : throw new InvalidOperationException("Broken."));
        await FailAsync(scene, host, 40);
        isMended = true;

        var ended = await scene.ReplayAsync("--all", "--yes", "--canary");

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(["Step of 1:", "Step of 5:", "Step of 25:", "Step of 125:"], ended.Error.Split('\n').Where(line => line.StartsWith("Step of", StringComparison.Ordinal)).Select(line => line[..(line.IndexOf(':', StringComparison.Ordinal) + 1)]));
        Assert.Equal(40, (await done.UntilAsync<PhotoRequested>(40)).Count);
    }

    [Fact]
    public async Task When_nobody_takes_a_canarys_message_it_stops_and_says_so()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        scene.Imagepipe.Environment["Replay__GiveUpAfter"] = "00:00:01";
        await scene.FailAsync(3);

        var ended = await scene.ReplayAsync("--all", "--yes", "--canary");

        Assert.True(ended.ExitCode == 1 && ended.Error.Contains("1 message waits in queue listing-photos-requested and nobody reads it", StringComparison.Ordinal), ended.Said);
        Assert.Equal(1, await broker.CountAsync(ReplayScene.Queue));
    }

    [Fact]
    public async Task It_stops_when_more_fail_again_than_it_may()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        await using var host = await StartAsync(scene, _ => throw new InvalidOperationException("Poison."));
        await FailAsync(scene, host, 150);

        var ended = await scene.ReplayAsync("--all", "--yes", "--rate", "4/s", "--stop-after", "3");

        Assert.True(ended.ExitCode == 1 && ended.Error.Contains("of this replay failed again", StringComparison.Ordinal), ended.Said);
        var replay = await scene.FindAsync(1);
        Assert.Equal(ReplayState.Stopped, replay.State);
        Assert.InRange(replay.Sent, 4, 149);
        // Each went out once.
        await Eventually.IsAsync(0, async () => (int)(await broker.CountAsync("photo-requested-sample"))!);
        await Eventually.IsAsync(replay.Sent, async () =>
        {
            await scene.ReplayAsync("--all", "--dry-run");
            return (await scene.FindAsync(1)).CameBack;
        });
    }

    static Task<BusHost> StartAsync(ReplayScene scene, Func<ConsumeContext<PhotoRequested>, Task> work) => BusHost.StartAsync(
        scene.Broker, scene.Database, work, ("Rungs:Delays:0", "00:00:00.2"), ("Rungs:Delays:1", "00:00:00.3"), ("Rungs:Delays:2", "00:00:00.4"));

    // Sends so many, and waits until they are errors.
    static async Task FailAsync(ReplayScene scene, BusHost host, int count)
    {
        await host.Lanes.SendAsync([.. Enumerable.Range(0, count).Select(_ => Some.Request("sample"))], CancellationToken.None);
        await Eventually.IsAsync(count, async () => (int)(await scene.Broker.CountAsync("photo-requested-sample_error") ?? 0));
    }
}
