using ImagePipeline.Storage.Failures;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Pipeline.Tests.Failures;

public sealed class ReplayOutageTests(RestartableRabbitMqServer server, PostgresServer postgres) : IClassFixture<RestartableRabbitMqServer>
{
    [Fact]
    public async Task When_the_broker_is_started_again_in_the_middle_it_connects_again_and_every_message_is_there()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        // It goes on for much longer than the broker takes to stop.
        var ids = await scene.FailAsync(600);
        var replaying = scene.StartReplay("--all", "--yes", "--rate", "20/s");
        await scene.UntilSentAsync(1, 20);

        await server.RestartAsync();
        var ended = await replaying.EndAsync();

        Assert.True(ended.ExitCode == 0 && ended.Error.Contains("The broker cannot be used", StringComparison.Ordinal), ended.Said);
        Assert.Empty(ids.Except(await scene.TakeAsync()));
        Assert.Equal((ReplayState.Done, 600L), ((await scene.FindAsync(1)).State, (await scene.FindAsync(1)).Sent));
    }

    [Fact]
    public async Task When_the_broker_stays_away_it_stops_and_can_be_resumed()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        scene.Imagepipe.Environment["Replay__GiveUpAfter"] = "00:00:02";
        var ids = await scene.FailAsync(600);
        var replaying = scene.StartReplay("--all", "--yes", "--rate", "20/s");
        await scene.UntilSentAsync(1, 20);

        await server.StopAsync();
        var stopped = await replaying.EndAsync();
        await server.StartAsync();
        var resumed = await scene.ReplayAsync("--resume", "1", "--rate", "1000/s");

        Assert.True(stopped.ExitCode == 1 && stopped.Error.Contains("The broker could not be used for 2 s", StringComparison.Ordinal), stopped.Said);
        Assert.True(resumed.ExitCode == 0, resumed.Said);
        Assert.Empty(ids.Except(await scene.TakeAsync()));
    }
}
