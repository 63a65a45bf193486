using ImagePipeline.TestSupport;

namespace ImagePipeline.Pipeline.Tests;

public sealed class RabbitMqServerTests(RabbitMqServer rabbitMq)
{
    [Fact]
    public async Task A_message_is_got_as_it_was_published()
    {
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await broker.DeclareQueueAsync("letters");
        await broker.BindAsync("letters", "amq.direct", "home");

        await broker.PublishAsync("amq.direct", "home", "Grüße", new() { ["from"] = "Åse", ["pages"] = 2 }, "text/plain");

        Assert.Equal(1, await broker.CountAsync("letters"));
        var letter = await broker.GetAsync("letters");
        Assert.NotNull(letter);
        Assert.Equal(("Grüße", "amq.direct", "home", "text/plain"), (letter.Body, letter.Exchange, letter.RoutingKey, letter.Properties.ContentType));
        Assert.Equal("Åse", letter.Headers["from"]);
        Assert.Equal(2, letter.Headers["pages"]);
        Assert.Null(await broker.GetAsync("letters"));
    }

    [Fact]
    public async Task Virtual_hosts_do_not_see_each_other()
    {
        await using var one = await rabbitMq.CreateVirtualHostAsync();
        await using var other = await rabbitMq.CreateVirtualHostAsync();
        await one.DeclareQueueAsync("letters", new() { ["x-queue-type"] = "quorum" });
        await one.PublishAsync("", "letters", "for one");

        Assert.Null(await other.CountAsync("letters"));
        Assert.Empty(await other.QueuesAsync());
        var letters = Assert.Single(await one.QueuesAsync());
        Assert.Equal(("letters", "quorum"), (letters.Name, letters.Arguments["x-queue-type"]));
        await one.PurgeAsync("letters");
        Assert.Equal(0, await one.CountAsync("letters"));
    }
}
