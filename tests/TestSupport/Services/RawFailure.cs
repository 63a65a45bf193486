using System.Globalization;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;

namespace ImagePipeline.TestSupport.Services;

/// <summary>A message as the bus leaves it in an error queue, with what the bus writes on it; put there without a service.</summary>
sealed record RawFailure
{
    // As the product declares queues that people look into.
    static readonly Dictionary<string, object?> Kept = new() { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 1_000_000 };

    public string MessageId { get; init; } = Guid.NewGuid().ToString();

    public required string Queue { get; init; }

    public string MessageType { get; init; } = "ListingPhotosRequested";

    /// <summary>The message itself, as JSON.</summary>
    public object Message { get; init; } = new { feed = "sample", listingKey = "S1", reason = "A test.", urgent = false };

    public string Exception { get; init; } = "System.InvalidOperationException";

    public string Reason { get; init; } = "The listing cannot be read.";

    public string Frame { get; init; } = "ImagePipeline.FeedIngest.ListingRequestConsumer.Consume(ConsumeContext`1 context)";

    public DateTimeOffset At { get; init; } = TimeProvider.System.GetUtcNow();

    /// <summary>How often it was on a rung.</summary>
    public int Redeliveries { get; init; } = 3;

    /// <summary>Puts them into the error queues of their queues, which are made where they are not there.</summary>
    public static async Task PutAsync(TestBroker broker, IReadOnlyCollection<RawFailure> failures)
    {
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        foreach (var queue in failures.Select(f => f.ErrorQueue).Distinct())
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, Kept);
        foreach (var some in failures.Chunk(500))
            await Task.WhenAll(some.Select(f => channel.BasicPublishAsync("", f.ErrorQueue, mandatory: true, f.Properties, f.Body).AsTask()));
    }

    public string ErrorQueue => $"{Queue}_error";

    public byte[] Body => Encoding.UTF8.GetBytes(
        $$"""
        {
          "messageId": "{{MessageId}}",
          "conversationId": "{{MessageId}}",
          "messageType": [ "urn:message:ImagePipeline.Contracts:{{MessageType}}" ],
          "message": {{JsonSerializer.Serialize(Message)}},
          "headers": { "X-First": 1.50, "MT-Redelivery-Count": {{Redeliveries}}, "X-Last": "ü \u00fc" }
        }
        """);

    public BasicProperties Properties => new()
    {
        MessageId = MessageId,
        ContentType = "application/vnd.masstransit+json",
        DeliveryMode = DeliveryModes.Persistent,
        Headers = new Dictionary<string, object?>
        {
            ["MT-Reason"] = "fault",
            ["MT-Fault-ExceptionType"] = Exception,
            ["MT-Fault-InputAddress"] = $"rabbitmq://localhost/test/{Queue}",
            ["MT-Fault-Message"] = Reason,
            ["MT-Fault-Timestamp"] = At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            ["MT-Fault-StackTrace"] = $"   at System.Threading.Tasks.Task.Run()\n   at {Frame} in /src/File.cs:line 12",
            ["MT-Host-MachineName"] = "somewhere",
            ["Content-Type"] = "application/vnd.masstransit+json",
        },
    };
}
