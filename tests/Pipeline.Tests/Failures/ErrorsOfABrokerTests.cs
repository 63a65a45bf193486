using System.Text.Json;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Failures;

public sealed class ErrorsOfABrokerTests(PostgresServer postgres, RabbitMqServer rabbitMq, ITestOutputHelper output)
{
    [Fact]
    public async Task List_takes_in_what_failed_first_and_says_so_on_stderr()
    {
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        await scene.FailAsync(3);

        var listed = await scene.Imagepipe.CommandAsync("errors", "list");
        var json = await scene.Imagepipe.CommandAsync("errors", "list", "--json");

        output.WriteLine(listed.Said);
        Assert.Equal((0, 0), (listed.ExitCode, json.ExitCode));
        Assert.EndsWith("1 group, 3 failed messages\n", listed.Out, StringComparison.Ordinal);
        Assert.Equal("imagepipe: 3 messages were taken out of their queues.\n", listed.Error);
        Assert.Equal(0, await broker.CountAsync($"{ReplayScene.Queue}_error"));
        Assert.Equal((3, 0), (Read(json).GetProperty("messages").GetInt32(), Read(json).GetProperty("takenIn").GetInt32()));
    }

    [Fact]
    public async Task A_queue_of_somebody_else_is_taken_in_when_it_is_named_and_holds_what_failed()
    {
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        await RawFailure.PutAsync(broker, [new RawFailure { Queue = "their-orders", MessageType = "OrderPlaced" }]);

        var all = await scene.Imagepipe.CommandAsync("errors", "list", "--json");
        var theirs = await scene.Imagepipe.CommandAsync("errors", "list", "--queue", "their-orders_error", "--json");

        Assert.Equal((0, 1), (Read(all).GetProperty("messages").GetInt32(), Read(theirs).GetProperty("messages").GetInt32()));
        Assert.Equal("their-orders", Read(theirs).GetProperty("groups")[0].GetProperty("queue").GetString());
        Assert.Equal(0, await broker.CountAsync("their-orders_error"));
    }

    [Theory]
    [InlineData(ReplayScene.Queue)]
    [InlineData("website-events")]
    public async Task A_queue_whose_messages_wait_for_their_consumer_is_never_taken_in(string queue)
    {
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        await broker.DeclareQueueAsync(queue);
        await broker.PublishAsync("", queue, "{}");

        var listed = await scene.Imagepipe.CommandAsync("errors", "list", "--queue", queue);

        Assert.Equal((0, "Nothing of this has failed.\n"), (listed.ExitCode, listed.Out));
        Assert.Equal(1, await broker.CountAsync(queue));
    }

    [Fact]
    public async Task A_queue_that_is_not_there_is_a_sentence_and_1_and_the_list_is_what_the_database_has()
    {
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);

        var listed = await scene.Imagepipe.CommandAsync("errors", "list", "--queue", "no-such-queue_error");

        Assert.Equal((1, "Nothing of this that has failed is in the database.\n"), (listed.ExitCode, listed.Out));
        Assert.Contains("There is no queue no-such-queue_error", Assert.Single(listed.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_cannot_be_reached_is_a_sentence_and_1_and_the_list_is_what_the_database_has()
    {
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        await scene.FailAsync(2);
        await scene.Imagepipe.CommandAsync("errors", "list");
        scene.Imagepipe.Environment["RabbitMqTransport__Port"] = "1";
        scene.Imagepipe.Environment["RabbitMqTransport__Pass"] = "SECRET";

        var listed = await scene.Imagepipe.CommandAsync("errors", "list");
        var json = await scene.Imagepipe.CommandAsync("errors", "list", "--json");

        Assert.Equal((1, 1), (listed.ExitCode, json.ExitCode));
        Assert.EndsWith("1 group, 2 failed messages\n", listed.Out, StringComparison.Ordinal);
        Assert.StartsWith("imagepipe: The queues were not looked at, this is what the database has: ", Assert.Single(listed.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(2, Read(json).GetProperty("messages").GetInt32());
        Assert.StartsWith("The queues were not looked at", Read(json).GetProperty("queuesNotLookedAt").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", listed.Error + json.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_failed_again_is_shown_with_its_replays_and_the_group_says_how_many_did()
    {
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        var id = Assert.Single(await scene.FailAsync(1));
        await scene.ReplayAsync("--all", "--by", "anna");
        await RawFailure.PutAsync(broker, [new RawFailure { Queue = ReplayScene.Queue, MessageId = id, Reason = "Still not." }]);

        var listed = await scene.Imagepipe.CommandAsync("errors", "list", "--json");
        var example = Read(listed).GetProperty("groups")[0].GetProperty("example").GetProperty("id").GetString()!;
        var shown = await scene.Imagepipe.CommandAsync("errors", "show", example);
        var history = await scene.Imagepipe.CommandAsync("errors", "history", "--json");

        output.WriteLine(shown.Said);
        Assert.Equal(1, Read(listed).GetProperty("groups")[0].GetProperty("failedAgain").GetInt32());
        Assert.Matches("failed, the first time:.*\n(.*\n)*  replayed with #1 by anna, .*\n  .* failed, time 2:", shown.Out);
        var replay = Read(history).GetProperty("history")[0];
        Assert.Equal((1, 1, 0, 1), (Number("number"), Number("sent"), Number("waiting"), Number("failedAgain")));

        int Number(string name) => replay.GetProperty(name).GetInt32();
    }

    static JsonElement Read(Ended ended) => JsonDocument.Parse(ended.Out).RootElement;
}
