using System.Reflection;
using ImagePipeline.Contracts;
using ImagePipeline.TestSupport;
using MassTransit;

namespace ImagePipeline.Pipeline.Tests.Bus;

public sealed class TopologyTests(RabbitMqServer server, PostgresServer postgres)
{
    [Fact]
    public void MassTransit_is_of_the_last_free_line()
    {
        Assert.All(
            [typeof(IBus).Assembly, typeof(IRabbitMqBusFactoryConfigurator).Assembly],
            assembly => Assert.StartsWith("8.5.12", assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Messages_published_before_their_service_was_ever_started_wait_for_it()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        await using var host = await BusHost.StartAsync(broker, database);

        await host.Bus.Publish(new ListingWithdrawn { Feed = "a", ListingKey = "S1", ListingUid = Identity.ListingUid("a", "S1"), Generation = 1, Why = "Sold." });
        await host.Bus.Publish(new ListingPhotosRequested { Feed = "a", ListingKey = "S1", Reason = "Somebody waits.", Urgent = true });

        await Eventually.IsAsync(1, () => broker.CountAsync("listing-notifier"));
        await Eventually.IsAsync(1, () => broker.CountAsync("listing-photos-requested"));
    }

    [Fact]
    public async Task Failed_messages_stay_in_their_queue_however_often_somebody_looks_at_them()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        await using (var host = await BusHost.StartAsync(broker, database, _ => throw new InvalidOperationException("No."), ("Rungs:Delays:1", "00:00:00.1"), ("Rungs:Delays:2", "00:00:00.1")))
        {
            await host.Lanes.SendAsync([Some.Request("a")], CancellationToken.None);
            await host.Heard.FirstAsync<Fault<PhotoRequested>>();
            await Eventually.IsAsync(1, () => broker.CountAsync("photo-requested-a_error"));
        }

        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        for (var look = 0; look < 150; look++)
        {
            var message = await channel.BasicGetAsync("photo-requested-a_error", autoAck: false);
            Assert.NotNull(message);
            await channel.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: true);
        }
        Assert.Equal(0, await broker.CountAsync("parking"));
    }

    [Fact]
    public async Task Every_queue_is_durable_replicated_and_bounds_deliveries_and_none_drops_messages_for_their_number()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        await using var host = await BusHost.StartAsync(broker, database, _ => Task.CompletedTask, ("Feeds:a:Source", ""));
        await Eventually.IsSoAsync(async () => (await broker.QueuesAsync()).Any(q => q.Name == "photo-requested-a"));

        foreach (var queue in await broker.QueuesAsync())
        {
            Assert.Equal("quorum", queue.Arguments["x-queue-type"].ToString());
            Assert.DoesNotContain("x-max-length", queue.Arguments.Keys);
            if (!queue.Name.StartsWith("rung-", StringComparison.Ordinal))
                Assert.Contains("x-delivery-limit", queue.Arguments.Keys);
        }
    }
}
