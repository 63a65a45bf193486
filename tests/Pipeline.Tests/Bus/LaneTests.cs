using ImagePipeline.Contracts;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Pipeline.Tests.Bus;

public sealed class LaneTests(RabbitMqServer server, PostgresServer postgres)
{
    [Fact]
    public async Task Each_request_comes_to_its_feeds_lane_and_urgent_ones_to_the_urgent_lane()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        var seen = new Heard();
        await using var host = await BusHost.StartAsync(
            broker, database, context => seen.Add((context.ReceiveContext.InputAddress.AbsolutePath.Split('/')[^1], context.Message)));

        await host.Lanes.SendAsync(
            [.. Enumerable.Range(0, 40).Select(i => Some.Request(i % 2 == 0 ? "a" : "b", urgent: i % 10 == 0))], CancellationToken.None);

        var heard = await seen.UntilAsync<(string Lane, PhotoRequested Request)>(40);
        Assert.All(heard, h => Assert.Equal(h.Request.Urgent ? "photo-requested-urgent" : $"photo-requested-{h.Request.Feed}", h.Lane));
        Assert.Equal(40, heard.Select(h => h.Request.PhotoId).Distinct().Count());
    }

    [Fact]
    public async Task Requests_sent_before_any_worker_was_started_wait_and_are_counted()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        await using var sender = await BusHost.StartAsync(broker, database);
        await sender.Lanes.SendAsync([.. Enumerable.Range(0, 30).Select(_ => Some.Request("new"))], CancellationToken.None);

        // A quorum queue that is busy is counted as empty.
        await Eventually.IsAsync(30, () => sender.Lanes.WaitingAsync("new", CancellationToken.None));
        await Eventually.IsSoAsync(async () => (await sender.Lanes.DepthsAsync(CancellationToken.None)).Any(d => d is { Lane: "new", Messages: 30 }));

        var seen = new Heard();
        await using var worker = await BusHost.StartAsync(broker, database, context => seen.Add(context.Message));
        await seen.UntilAsync<PhotoRequested>(30);
        await Eventually.IsAsync(0, () => sender.Lanes.WaitingAsync("new", CancellationToken.None));
    }

    [Fact]
    public async Task A_lane_that_is_new_is_taken_up_by_workers_that_are_running_and_never_heard_of_its_feed()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        var seen = new Heard();
        await using var worker = await BusHost.StartAsync(broker, database, context => seen.Add(context.Message));
        await using var sender = await BusHost.StartAsync(broker, database);

        await sender.Lanes.SendAsync([Some.Request("unheard-of")], CancellationToken.None);

        Assert.Equal("unheard-of", (await seen.FirstAsync<PhotoRequested>()).Feed);
    }

    [Fact]
    public async Task A_request_that_no_lane_takes_is_kept_with_the_unrouted()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        await using var sender = await BusHost.StartAsync(broker, database);

        await sender.Bus.Publish(Some.Request("nobody"));

        await Eventually.IsAsync(1, () => broker.CountAsync("photo-requested-unrouted"));
    }

    [Fact]
    public async Task A_request_that_is_given_back_again_and_again_is_parked_and_holds_up_nobody()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        await using var sender = await BusHost.StartAsync(broker, database);
        await sender.Lanes.SendAsync([Some.Request("crashing")], CancellationToken.None);

        await using (var connection = await broker.ConnectAsync())
        {
            await using var channel = await connection.CreateChannelAsync();
            for (var delivery = 0; await channel.BasicGetAsync("photo-requested-crashing", autoAck: false) is { } message; delivery++)
            {
                Assert.InRange(delivery, 0, 200);
                await channel.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: true);
            }
        }

        await Eventually.IsAsync(1, () => broker.CountAsync("parking"));
    }
}
