using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.TestSupport;
using MassTransit;

namespace ImagePipeline.Pipeline.Tests.Bus;

public sealed class SilentBrokerTests(RabbitMqServer server, PostgresServer postgres)
{
    // Much more than it takes: over only where something waits for ever.
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_process_whose_first_connections_get_no_answer_starts_when_one_does()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        await using var wire = new Wire(broker);
        var seen = new Heard();

        wire.FallSilent();
        var starting = StartAsync(broker, database, wire, context => seen.Add(context.Message));
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        wire.Mend();

        await using var host = await starting.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await host.Lanes.SendAsync([Some.Request("a")], CancellationToken.None).WaitAsync(Patience, TestContext.Current.CancellationToken);
        await seen.FirstAsync<PhotoRequested>();
    }

    [Fact]
    public async Task What_is_sent_and_asked_while_the_network_is_silent_arrives_once_it_is_mended()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        await using var wire = new Wire(broker);
        var seen = new Heard();
        await using var host = await StartAsync(broker, database, wire, context => seen.Add(context.Message));
        await host.Lanes.SendAsync([Some.Request("before")], CancellationToken.None);
        await seen.FirstAsync<PhotoRequested>();

        wire.FallSilent();
        var withdrawn = new ListingWithdrawn { Feed = "a", ListingKey = "S1", ListingUid = Identity.ListingUid("a", "S1"), Generation = 1, Why = "Sold." };
        var changed = host.The<Publisher>().PublishAsync(withdrawn, withdrawn.ListingUid, CancellationToken.None);
        var sent = host.Lanes.SendAsync([Some.Request("meanwhile")], CancellationToken.None);
        var counted = host.Lanes.WaitingAsync("before", CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(6), TimeProvider.System, TestContext.Current.CancellationToken);
        wire.Mend();

        await Task.WhenAll(changed, sent, counted).WaitAsync(Patience, TestContext.Current.CancellationToken);
        // The one before may come again: that it is done can be lost with the connection.
        await seen.UntilAsync<PhotoRequested>(all => all.Any(request => request.Feed == "meanwhile"));
    }

    static Task<BusHost> StartAsync(TestBroker broker, TestDatabase database, Wire wire, Func<ConsumeContext<PhotoRequested>, Task> work) =>
        BusHost.StartAsync(broker, database, work, [.. wire.Settings, ("RabbitMqTransport:AnswerTimeout", "00:00:05")]);
}
