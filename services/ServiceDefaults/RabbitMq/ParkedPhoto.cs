using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using ImagePipeline.Storage.Failures;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>
/// Tells a listing's saga that a parked photo has failed. Nobody else does: a message that the broker itself has put aside has thrown nothing, so the bus publishes no fault.
/// </summary>
static class ParkedPhoto
{
    const string FaultOfPhotoRequested = "urn:message:MassTransit:Fault[[ImagePipeline.Contracts:PhotoRequested]]";

    /// <summary>
    /// Sends the fault that MassTransit would have published, straight to the saga's queue; the same one however often it is called. What is no photo request has no listing that waits.
    /// </summary>
    public static async Task TellAsync(IChannel channel, TakenMessage parked, TimeProvider time, CancellationToken cancellation)
    {
        var id = new Guid(SHA256.HashData(parked.Body.Span).AsSpan(0, 16)).ToString();
        if (TryFaultOf(parked, id, time.GetUtcNow()) is not { } fault)
            return;
        var properties = new BasicProperties { ContentType = "application/vnd.masstransit+json", DeliveryMode = DeliveryModes.Persistent, MessageId = id };
        try
        {
            await PublishAsync();
        }
        catch (PublishException e) when (e.IsReturn)
        {
            // No ListingNotifier was ever started here, or somebody has deleted its queue: it waits there for the one that will be.
            await BrokerTopology.DeclareListingNotifierAsync(channel, cancellation);
            await PublishAsync();
        }

        async Task PublishAsync() => await channel.BasicPublishAsync("", BrokerTopology.ListingNotifier, mandatory: true, properties, fault, cancellation);
    }

    static byte[]? TryFaultOf(TakenMessage parked, string id, DateTimeOffset now)
    {
        try
        {
            return FaultOf(parked, id, now);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // Text that is none: no saga could read it, and no bus has written it.
            return null;
        }
    }

    static byte[]? FaultOf(TakenMessage parked, string id, DateTimeOffset now)
    {
        if (MessageEnvelope.Read(parked.Body) is not { MessageType: "PhotoRequested", Feed: not null, ListingKey: not null, PhotoId: not null })
            return null;
        using var body = JsonDocument.Parse(MessageEnvelope.WithoutMark(parked.Body));
        var envelope = body.RootElement;
        var request = MessageEnvelope.Find(envelope, "message")!.Value;
        using var written = new MemoryStream();
        using (var fault = new Utf8JsonWriter(written))
        {
            fault.WriteStartObject();
            fault.WriteString("messageId", id);
            Copy("correlationId", MessageEnvelope.Find(request, "listingUid"));
            Copy("conversationId", MessageEnvelope.Find(envelope, "conversationId"));
            fault.WriteStartArray("messageType");
            fault.WriteStringValue(FaultOfPhotoRequested);
            fault.WriteEndArray();
            fault.WriteStartObject("message");
            fault.WriteString("faultId", id);
            Copy("faultedMessageId", MessageEnvelope.Find(envelope, "messageId"));
            fault.WriteString("timestamp", (parked.FailedAt ?? now).UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            fault.WriteStartArray("exceptions");
            fault.WriteStartObject();
            fault.WriteString("exceptionType", "Parked");
            fault.WriteString("message", parked.Reason);
            fault.WriteEndObject();
            fault.WriteEndArray();
            Copy("faultMessageTypes", MessageEnvelope.Find(envelope, "messageType"));
            Copy("message", request);
            fault.WriteEndObject();
            fault.WriteStartObject("headers");
            fault.WriteEndObject();
            fault.WriteEndObject();

            void Copy(string name, JsonElement? value)
            {
                if (value is null)
                    return;
                fault.WritePropertyName(name);
                value.Value.WriteTo(fault);
            }
        }
        return written.ToArray();
    }
}
