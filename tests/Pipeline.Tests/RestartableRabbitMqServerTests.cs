using ImagePipeline.TestSupport;
using RabbitMQ.Client.Exceptions;

namespace ImagePipeline.Pipeline.Tests;

public sealed class RestartableRabbitMqServerTests(RestartableRabbitMqServer rabbitMq) : IClassFixture<RestartableRabbitMqServer>
{
    [Fact]
    public async Task Durable_queues_and_their_messages_survive_a_restart_and_connections_do_not()
    {
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var connection = await broker.ConnectAsync();
        await broker.DeclareQueueAsync("classic");
        await broker.DeclareQueueAsync("quorum", new() { ["x-queue-type"] = "quorum" });
        await broker.PublishAsync("", "classic", "still");
        await broker.PublishAsync("", "quorum", "here");

        await rabbitMq.StopAsync();
        // It hears of it from its socket.
        await Eventually.IsAsync(false, () => Task.FromResult(connection.IsOpen));
        await Assert.ThrowsAsync<BrokerUnreachableException>(broker.ConnectAsync);
        await rabbitMq.StartAsync();

        Assert.Equal(1, await broker.CountAsync("classic"));
        // Its leader is chosen anew.
        await Eventually.IsAsync(1, () => broker.CountAsync("quorum"));
        Assert.Equal("still", (await broker.GetAsync("classic"))?.Body);
        Assert.Equal("here", (await broker.GetAsync("quorum"))?.Body);
    }
}
