using System.Collections.Concurrent;
using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.TestSupport;
using MassTransit;

namespace ImagePipeline.Pipeline.Tests.Bus;

public sealed class BrokerRestartTests(RestartableRabbitMqServer server, PostgresServer postgres) : IClassFixture<RestartableRabbitMqServer>
{
    [Fact]
    public async Task A_restart_of_the_broker_loses_nothing_that_waits_on_a_rung_or_in_a_lane()
    {
        const int messages = 100;
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        var done = new ConcurrentDictionary<Guid, int>();
        var all = new TaskCompletionSource();
        await using var host = await BusHost.StartAsync(broker, database, async context =>
        {
            if (context.GetRedeliveryCount() < 2)
                throw new InvalidOperationException("Not yet.");
            await Task.Yield();
            if (done.AddOrUpdate(context.Message.PhotoId, 1, (_, n) => n + 1) == 1 && done.Count == messages)
                all.TrySetResult();
        });
        await host.Lanes.SendAsync([.. Enumerable.Range(0, messages).Select(i => Some.Request(i % 2 == 0 ? "a" : "b"))], CancellationToken.None);

        await server.RestartAsync();

        await all.Task.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(messages, done.Count);
        Assert.Empty(host.Heard.All<Fault<PhotoRequested>>());
        Assert.Equal((0, 0), (await broker.CountAsync("photo-requested-a_error"), await broker.CountAsync("photo-requested-b_error")));
    }

    [Fact]
    public async Task What_is_sent_while_the_broker_is_away_waits_for_it()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        var seen = new Heard();
        await using var host = await BusHost.StartAsync(broker, database, context => seen.Add(context.Message));
        await host.Lanes.SendAsync([Some.Request("before")], CancellationToken.None);
        await seen.FirstAsync<PhotoRequested>();

        await server.StopAsync();
        var withdrawn = new ListingWithdrawn { Feed = "a", ListingKey = "S1", ListingUid = Identity.ListingUid("a", "S1"), Generation = 1, Why = "Sold." };
        var changed = host.The<Publisher>().PublishAsync(withdrawn, withdrawn.ListingUid, CancellationToken.None);
        var sent = host.Lanes.SendAsync([Some.Request("meanwhile")], CancellationToken.None);
        var counted = host.Lanes.WaitingAsync("before", CancellationToken.None);
        await server.StartAsync();

        await Task.WhenAll(changed, sent, counted);
        // The one before may come again: that it is done can be lost with the connection.
        await seen.UntilAsync<PhotoRequested>(all => all.Any(request => request.Feed == "meanwhile"));
        await Eventually.IsAsync(1, () => broker.CountAsync("listing-notifier"));
    }

    [Fact]
    public async Task A_process_that_is_started_before_its_broker_waits_for_it()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        var seen = new Heard();

        await server.StopAsync();
        await using var host = await BusHost.StartAsync(broker, database, context => seen.Add(context.Message));
        var sent = host.Lanes.SendAsync([Some.Request("a")], CancellationToken.None);
        await server.StartAsync();

        await sent;
        await seen.FirstAsync<PhotoRequested>();
    }
}
