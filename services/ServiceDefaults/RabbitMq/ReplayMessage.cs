using ImagePipeline.Storage.Failures;
using RabbitMQ.Client;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>A failed message as it is sent again: the one that came first, without what the failure has written on it.</summary>
public static class ReplayMessage
{
    /// <summary>The header that tells which failed message this is a replay of, on those that have no id of their own by which to know them again.</summary>
    public const string ReplayOf = "Imagepipe-Replay-Of";

    // Whatever has a count of tries this high has no rung left.
    const int NoTriesLeft = 1_000;

    static readonly string[] Stripped =
    [
        "MT-Reason", "MT-Redelivery-Count", "x-death", "x-delivery-count", "x-acquired-count",
        // Added by the client that has sent it last, and meant for it alone.
        Constants.PublishSequenceNumberHeader,
    ];

    static readonly string[] StrippedPrefixes = ["MT-Fault-", "MT-Host-", "x-first-death-", "x-last-death-"];

    /// <summary>Its properties and body.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isCanary">Whether it is to be in the error queue with its first failure, in place of a rung for hours.</param>
    public static (BasicProperties Properties, ReadOnlyMemory<byte> Body) Of(StagedMessage message, bool isCanary)
    {
        ArgumentNullException.ThrowIfNull(message);
        var properties = MessageProperties.FromBytes(message.Properties);
        // The broker takes a user id from that user alone, and an expiration that was over once would be over again.
        properties.ClearUserId();
        properties.ClearExpiration();
        properties.DeliveryMode = DeliveryModes.Persistent;
        foreach (var name in properties.Headers?.Keys.Where(IsStripped).ToList() ?? [])
            properties.Headers!.Remove(name);
        if (message.MessageId is null)
            (properties.Headers ??= new Dictionary<string, object?>())[ReplayOf] = message.Id;
        return (properties, MessageEnvelope.WithRedeliveryCount(message.Body, isCanary ? NoTriesLeft : 0));
    }

    static bool IsStripped(string name) => Stripped.Contains(name, StringComparer.OrdinalIgnoreCase)
        || StrippedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
