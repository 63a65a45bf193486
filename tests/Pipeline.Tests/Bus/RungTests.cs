using System.Collections.Concurrent;
using ImagePipeline.Contracts;
using ImagePipeline.TestSupport;
using MassTransit;

namespace ImagePipeline.Pipeline.Tests.Bus;

public sealed class RungTests(RabbitMqServer server, PostgresServer postgres)
{
    [Fact]
    public async Task A_message_that_fails_for_ever_visits_each_rung_in_turn_comes_back_to_its_own_lane_as_it_was_and_is_an_error_once_with_one_fault()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        var tries = new ConcurrentQueue<Try>();
        await using var host = await BusHost.StartAsync(broker, database, context =>
        {
            tries.Enqueue(Try.Of(context));
            throw new InvalidOperationException("The photo cannot be had.");
        });
        // Another lane, that nothing may come back to.
        await host.Lanes.SendAsync([Some.Request("other")], CancellationToken.None);
        var request = Some.Request("failing");
        var id = NewId.NextGuid();

        await host.Lanes.SendAsync([Some.Request("failing")], CancellationToken.None);
        await host.Bus.Publish(request, c =>
        {
            c.MessageId = id;
            c.CorrelationId = request.ListingUid;
            c.Headers.Set("X-Mine", "yes");
        });
        var faults = await host.Heard.UntilAsync<Fault<PhotoRequested>>(3);

        var mine = tries.Where(t => t.MessageId == id).ToList();
        Assert.Equal([0, 1, 2, 3], mine.Select(t => t.Redeliveries));
        Assert.All(mine, t => Assert.Equal((Lane: "photo-requested-failing", Correlation: request.ListingUid, Header: "yes", request.PhotoId), (t.Lane, t.Correlation, t.Header, t.PhotoId)));
        Assert.Single(mine.Select(t => t.Conversation).Distinct());
        Assert.Single(faults, f => f.FaultedMessageId == id);
        await Eventually.IsAsync(2, () => broker.CountAsync("photo-requested-failing_error"));
        await Eventually.IsAsync(1, () => broker.CountAsync("photo-requested-other_error"));
        Assert.Equal(3, host.Heard.All<Fault<PhotoRequested>>().Count);
        // Each wait is at least its rung's.
        Assert.All(mine.Zip(mine.Skip(1), (a, b) => b.At - a.At).Zip([0.5, 1.0, 1.5]), w => Assert.InRange(w.First.TotalSeconds, w.Second - 0.05, w.Second + 30));
    }

    [Fact]
    public async Task Messages_on_the_rungs_for_a_lane_that_is_gone_delay_nobody_and_end_unrouted()
    {
        const int gone = 200, good = 100;
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        var done = new Heard();
        await using var host = await BusHost.StartAsync(
            broker, database, context => context.GetRedeliveryCount() == 0 ? throw new InvalidOperationException("Not yet.") : done.Add(context.Message));

        await host.Lanes.SendAsync([Some.Request("good")], CancellationToken.None);
        await done.UntilAsync<PhotoRequested>(1);
        for (var i = 0; i < gone; i++)
            await broker.PublishAsync("rung-500ms", "photo-requested-gone", "{}");
        await host.Lanes.SendAsync([.. Enumerable.Range(0, good).Select(_ => Some.Request("good"))], CancellationToken.None);

        var heard = await done.UntilAsync<PhotoRequested>(1 + good);
        Assert.Equal(1 + good, heard.Select(r => r.PhotoId).Distinct().Count());
        await Eventually.IsAsync(gone, () => broker.CountAsync("photo-requested-unrouted"));
        Assert.Equal(0, await broker.CountAsync("parking"));
        Assert.Empty(host.Heard.All<Fault<PhotoRequested>>());
    }

    sealed record Try(
        Guid? MessageId, string Lane, int Redeliveries, Guid? Correlation, Guid? Conversation, string? Header, Guid PhotoId, DateTimeOffset At)
    {
        public static Try Of(ConsumeContext<PhotoRequested> c) => new(
            c.MessageId, c.ReceiveContext.InputAddress.AbsolutePath.Split('/')[^1], c.GetRedeliveryCount(), c.CorrelationId, c.ConversationId,
            c.Headers.Get<string>("X-Mine"), c.Message.PhotoId, TimeProvider.System.GetUtcNow());
    }
}
