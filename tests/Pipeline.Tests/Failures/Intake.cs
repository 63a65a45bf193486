using System.Text;
using ImagePipeline.ServiceDefaults.RabbitMq;
using ImagePipeline.Storage.Failures;
using ImagePipeline.Storage.Lanes;
using ImagePipeline.TestSupport;
using RabbitMQ.Client;

namespace ImagePipeline.Pipeline.Tests.Failures;

/// <summary>A broker and a database with nothing but the intake between them.</summary>
sealed class Intake : IAsyncDisposable
{
    Intake(TestBroker broker, TestDatabase database)
    {
        (Broker, Database) = (broker, database);
        Table = new(database.Database, TimeProvider.System);
        Lanes = new(database.Database, TimeProvider.System);
        Is = New();
    }

    public TestBroker Broker { get; }

    public TestDatabase Database { get; }

    public FailedMessageTable Table { get; }

    public LaneTable Lanes { get; }

    public FailureIntake Is { get; }

    public RabbitMqOptions Options => new() { Host = Broker.Host, Port = Broker.Port, VHost = Broker.VHost, User = Broker.User, Pass = Broker.Password };

    public static async Task<Intake> CreateAsync(DatabaseKind kind, RabbitMqServer rabbitMq, PostgresServer postgres) =>
        new(await rabbitMq.CreateVirtualHostAsync(), await TestDatabase.CreateAsync(kind, postgres));

    public async ValueTask DisposeAsync()
    {
        await Is.DisposeAsync();
        await Broker.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>Another one on the same broker and database.</summary>
    public FailureIntake New() => new(Options, Table, Lanes, TimeProvider.System);

    public Task<int> TakeInAsync(params string[] others) => Is.TakeInAsync(others, TestContext.Current.CancellationToken);

    public Task<IReadOnlyList<FailedMessage>> AllAsync() => Table.FindAsync(new(), int.MaxValue, default);

    public async Task<FailedMessage> OneAsync() => (await Table.ReadAsync(Assert.Single(await AllAsync()).Id, default))!;

    /// <summary>A queue as the product declares it.</summary>
    public Task DeclareAsync(string queue) => Broker.DeclareQueueAsync(queue, new() { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 1_000_000 });

    /// <summary>Puts many messages into a queue, on one channel.</summary>
    public async Task PutAsync(string queue, int count, Func<int, (string? MessageId, string Body, Dictionary<string, object?> Headers)> message)
    {
        await using var connection = await Broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        foreach (var chunk in Enumerable.Range(0, count).Chunk(250))
        {
            await Task.WhenAll(chunk.Select(async i =>
            {
                var (id, body, headers) = message(i);
                var properties = new BasicProperties { Persistent = true, ContentType = "application/vnd.masstransit+json", Headers = headers };
                if (id is not null)
                    properties.MessageId = id;
                await channel.BasicPublishAsync("", queue, mandatory: true, properties, Encoding.UTF8.GetBytes(body));
            }));
        }
    }

    /// <summary>What the bus writes beside a message that it moves to an error queue.</summary>
    public static Dictionary<string, object?> Fault(string queue, string reason = "No.", string at = "2026-03-04T05:06:07.1234567Z", string exception = "System.InvalidOperationException") => new()
    {
        ["MT-Reason"] = "fault",
        ["MT-Fault-ExceptionType"] = exception,
        ["MT-Fault-InputAddress"] = $"rabbitmq://broker.example/imagepipe/{queue}?durable=true",
        ["MT-Fault-Message"] = reason,
        ["MT-Fault-Timestamp"] = at,
        ["MT-Fault-StackTrace"] = "   at ImagePipeline.PhotoWorker.PhotoProcess.RunAsync(PhotoRequested request)",
    };

    public static string Envelope(string messageId, string listing = "S1") => $$"""
        { "messageId": "{{messageId}}", "messageType": ["urn:message:ImagePipeline.Contracts:PhotoRequested"], "message": { "feed": "a", "listingKey": "{{listing}}", "photoId": "p" }, "headers": {} }
        """;
}
