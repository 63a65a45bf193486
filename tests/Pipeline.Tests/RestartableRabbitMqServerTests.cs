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
        Assert.False(connection.IsOpen);
        await Assert.ThrowsAsync<BrokerUnreachableException>(broker.ConnectAsync);
        await rabbitMq.StartAsync();

        Assert.Equal(1, await broker.CountAsync("classic"));
        Assert.Equal(1, await broker.CountAsync("quorum"));
        Assert.Equal("still", (await broker.GetAsync("classic"))?.Body);
        Assert.Equal("here", (await broker.GetAsync("quorum"))?.Body);
    }
}
