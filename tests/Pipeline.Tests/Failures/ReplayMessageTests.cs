using System.Text;
using ImagePipeline.ServiceDefaults.RabbitMq;
using ImagePipeline.Storage.Failures;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;
using RabbitMQ.Client;

namespace ImagePipeline.Pipeline.Tests.Failures;

public sealed class ReplayMessageTests(RabbitMqServer server, PostgresServer postgres)
{
    [Fact]
    public async Task A_replayed_message_is_the_one_that_was_sent_first_with_its_id_its_bytes_and_its_own_headers_and_nothing_that_the_failure_wrote()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        var failure = new RawFailure { Queue = ReplayScene.Queue };
        var properties = failure.Properties;
        (properties.CorrelationId, properties.Type, properties.AppId, properties.Priority, properties.ReplyTo) = ("c", "t", "a", 3, "r");
        (properties.UserId, properties.Expiration) = (broker.User, "600000");
        var own = new Dictionary<string, object?>
        {
            ["X-Int"] = 7,
            ["X-Long"] = 7L,
            ["X-True"] = true,
            ["X-Double"] = 1.5,
            ["X-Bytes"] = (byte[])[0xff, 0x00, 0x80],
            ["X-Time"] = new AmqpTimestamp(1_700_000_000),
            ["X-Table"] = new Dictionary<string, object?> { ["a"] = (short)1, ["b"] = new List<object?> { 1, "two" } },
            ["Content-Type"] = "application/vnd.masstransit+json",
        };
        foreach (var (name, value) in own)
            properties.Headers![name] = value;
        foreach (var name in new[] { "x-first-death-queue", "x-last-death-reason", "MT-Redelivery-Count" })
            properties.Headers![name] = "1";
        await broker.DeclareQueueAsync(ReplayScene.Queue);
        await RawFailure.PutAsync(broker, [failure]);
        await scene.TakeAsync(failure.ErrorQueue);
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.BasicPublishAsync("", failure.ErrorQueue, mandatory: true, properties, failure.Body);

        var ended = await scene.ReplayAsync("--all");

        Assert.True(ended.ExitCode == 0, ended.Said);
        var got = (await channel.BasicGetAsync(ReplayScene.Queue, autoAck: true))!;
        Assert.Equal((failure.MessageId, "c", "t", "a", 3, "r"), (got.BasicProperties.MessageId, got.BasicProperties.CorrelationId, got.BasicProperties.Type, got.BasicProperties.AppId, got.BasicProperties.Priority, got.BasicProperties.ReplyTo));
        Assert.Equal("application/vnd.masstransit+json", got.BasicProperties.ContentType);
        Assert.False(got.BasicProperties.IsUserIdPresent() || got.BasicProperties.IsExpirationPresent());
        Assert.Equal((failure with { Redeliveries = 0 }).Body, got.Body.ToArray());
        // Text comes as bytes; that is what it is on the wire.
        Assert.Equal(Written(own), Written(got.BasicProperties.Headers!));

        static string Written(IDictionary<string, object?> headers) =>
            Encoding.UTF8.GetString(MessageProperties.ToBytes(new BasicProperties { Headers = headers.OrderBy(h => h.Key, StringComparer.Ordinal).ToDictionary() }));
    }

    [Fact]
    public async Task It_goes_to_the_queue_it_failed_on_and_no_other_subscriber_hears_of_it()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        await using var scene = await ReplayScene.CreateAsync(broker, postgres);
        // All exchanges of the product are there, and somebody else listens to each on the way to the queue.
        await using var host = await Bus.BusHost.StartAsync(broker, database);
        await host.Lanes.SendAsync([Bus.Some.Request("sample")], CancellationToken.None);
        await broker.DeclareQueueAsync("another");
        await broker.BindAsync("another", "ImagePipeline.Contracts:ListingPhotosRequested");
        await broker.BindAsync("another", ReplayScene.Queue);
        var failure = new RawFailure { Queue = ReplayScene.Queue };
        await RawFailure.PutAsync(broker, [failure]);

        var ended = await scene.ReplayAsync("--all");

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal([failure.MessageId], await scene.TakeAsync());
        Assert.Equal(0, await broker.CountAsync("another"));
    }

    [Fact]
    public void What_is_no_envelope_is_sent_as_it_is()
    {
        byte[] body = [0xff, 0xfe, (byte)'{', 0];

        var (_, sent) = ReplayMessage.Of(Staged(body), isCanary: false);

        Assert.Equal(body, sent.ToArray());
    }

    [Fact]
    public void A_canarys_message_has_no_rung_left()
    {
        var (_, sent) = ReplayMessage.Of(Staged(new RawFailure { Queue = "q" }.Body), isCanary: true);

        Assert.Contains("\"MT-Redelivery-Count\": 1000,", Encoding.UTF8.GetString(sent.Span), StringComparison.Ordinal);
    }

    static StagedMessage Staged(byte[] body) => new() { Id = "0", FirstId = "0", Queue = "q", Failures = 1, Properties = [], Body = body };
}
