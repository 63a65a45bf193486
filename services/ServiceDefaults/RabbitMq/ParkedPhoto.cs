using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImagePipeline.Storage.Failures;
using RabbitMQ.Client;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>
/// Tells a listing's saga that a parked photo has failed. Nobody else does: a message that the broker itself has put aside has thrown nothing, so the bus publishes no fault.
/// </summary>
static class ParkedPhoto
{
    const string FaultOfPhotoRequested = "urn:message:MassTransit:Fault[[ImagePipeline.Contracts:PhotoRequested]]";

    /// <summary>Sends the fault that MassTransit would have published, straight to the saga's queue; the same one however often it is called. What is no photo request has no listing that waits.</summary>
    /// <exception cref="RabbitMQ.Client.Exceptions.PublishException">The saga has no queue; nobody is told.</exception>
    public static async Task TellAsync(IChannel channel, TakenMessage parked, TimeProvider time, CancellationToken cancellation)
    {
        if (FaultOf(parked, time.GetUtcNow()) is not { } fault)
            return;
        var properties = new BasicProperties
        {
            ContentType = "application/vnd.masstransit+json",
            DeliveryMode = DeliveryModes.Persistent,
            MessageId = (string?)fault["messageId"],
        };
        await channel.BasicPublishAsync("", BrokerTopology.ListingNotifier, mandatory: true, properties, JsonSerializer.SerializeToUtf8Bytes(fault), cancellation);
    }

    static JsonObject? FaultOf(TakenMessage parked, DateTimeOffset now)
    {
        if (MessageEnvelope.Read(parked.Body) is not { MessageType: "PhotoRequested", Feed: not null, ListingKey: not null, PhotoId: not null })
            return null;
        var envelope = JsonNode.Parse(parked.Body.Span)!.AsObject();
        var request = envelope["message"]!.DeepClone();
        var id = new Guid(SHA256.HashData(parked.Body.Span).AsSpan(0, 16));
        return new JsonObject
        {
            ["messageId"] = id.ToString(),
            ["correlationId"] = request["listingUid"]?.DeepClone(),
            ["conversationId"] = envelope["conversationId"]?.DeepClone(),
            ["messageType"] = new JsonArray(FaultOfPhotoRequested),
            ["message"] = new JsonObject
            {
                ["faultId"] = id.ToString(),
                ["faultedMessageId"] = envelope["messageId"]?.DeepClone(),
                ["timestamp"] = (parked.FailedAt ?? now).UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                ["exceptions"] = new JsonArray(new JsonObject { ["exceptionType"] = "Parked", ["message"] = parked.Reason }),
                ["faultMessageTypes"] = envelope["messageType"]?.DeepClone(),
                ["message"] = request,
            },
            ["headers"] = new JsonObject(),
        };
    }
}
