using System.Globalization;
using System.Text;
using ImagePipeline.Storage.Failures;
using RabbitMQ.Client.Events;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>What the broker and the bus have written on a message that failed for good.</summary>
static class FailedDelivery
{
    const string ErrorSuffix = "_error";
    const string SkippedSuffix = "_skipped";

    // Of AMQP, in bytes: an address with a longer one is of no queue.
    const int LongestName = 255;

    /// <summary>The queues of an input queue that hold what failed on it.</summary>
    public static string[] Of(string inputQueue) => [inputQueue + ErrorSuffix, inputQueue + SkippedSuffix];

    /// <summary>Reads a message of one of these queues, or of any other that somebody has named.</summary>
    public static TakenMessage Read(string foundIn, BasicDeliverEventArgs delivered)
    {
        var headers = delivered.BasicProperties.Headers ?? new Dictionary<string, object?>();
        var taken = new TakenMessage
        {
            Kind = FailureKind.Error,
            Queue = QueueOf(foundIn, Text(headers, "MT-Fault-InputAddress")),
            FoundIn = foundIn,
            MessageId = delivered.BasicProperties.MessageId is { Length: > 0 } id ? id : null,
            ExceptionType = Text(headers, "MT-Fault-ExceptionType"),
            Reason = Text(headers, "MT-Fault-Message") ?? "Nothing on the message says why it failed.",
            StackTrace = Text(headers, "MT-Fault-StackTrace"),
            FailedAt = Time(Text(headers, "MT-Fault-Timestamp")),
            Occurrence = Text(headers, "MT-Fault-Timestamp"),
            ReplayOf = Text(headers, ReplayMessage.ReplayOf),
            IsFirstDelivery = !delivered.Redelivered,
            Properties = MessageProperties.ToBytes(delivered.BasicProperties),
            // The client's own buffer is somebody else's when this returns.
            Body = delivered.Body.ToArray(),
        };
        if (foundIn == BrokerTopology.Parking)
        {
            var death = FirstDeath(headers);
            var died = death.TryGetValue("time", out var time) ? time as RabbitMQ.Client.AmqpTimestamp? : null;
            return taken with
            {
                Kind = FailureKind.Parked,
                Queue = Text(death, "queue") ?? Text(headers, "x-first-death-queue") ?? LaneOf(taken) ?? foundIn,
                Reason = $"It was given back more than {BrokerTopology.DeliveryLimit} times: whoever works on it ends, or loses the broker, each time.",
                FailedAt = died is { } at ? DateTimeOffset.FromUnixTimeSeconds(at.UnixTime) : null,
                Occurrence = died?.UnixTime.ToString(CultureInfo.InvariantCulture),
            };
        }
        if (foundIn == BrokerTopology.Unrouted)
        {
            // Put there straight, as by hand, it has the name of this queue, and would come back at once.
            var lane = delivered.RoutingKey == foundIn ? LaneOf(taken) ?? foundIn : delivered.RoutingKey;
            // From a rung it comes with its queue's name, from FeedIngest with its lane's.
            return taken with { Kind = FailureKind.Unrouted, Queue = lane == Lane.Queue("") || !lane.StartsWith(Lane.Queue(""), StringComparison.Ordinal) ? Lane.Queue(lane) : lane, Reason = "No lane takes it." };
        }
        return foundIn.EndsWith(SkippedSuffix, StringComparison.Ordinal)
            ? taken with { Kind = FailureKind.Skipped, Queue = QueueOf(foundIn, null), Reason = "No consumer of its queue takes this message." }
            : taken;
    }

    static string QueueOf(string foundIn, string? inputAddress)
    {
        if (Uri.TryCreate(inputAddress, UriKind.Absolute, out var address) && Uri.UnescapeDataString(address.AbsolutePath.Split('/')[^1]) is { Length: > 0 } queue
            && Encoding.UTF8.GetByteCount(queue) <= LongestName)
            return queue;
        var suffix = new[] { ErrorSuffix, SkippedSuffix }.FirstOrDefault(s => foundIn.EndsWith(s, StringComparison.Ordinal) && foundIn.Length > s.Length);
        return suffix is null ? foundIn : foundIn[..^suffix.Length];
    }

    // Where a photo is asked for, as far as the message itself tells; null where it does not.
    static string? LaneOf(TakenMessage taken) => MessageEnvelope.Read(taken.Body) is { MessageType: "PhotoRequested", Feed: { Length: > 0 } feed } ? Lane.Queue(feed) : null;

    // The latest comes first.
    static IDictionary<string, object?> FirstDeath(IDictionary<string, object?> headers) =>
        headers.TryGetValue("x-death", out var deaths) && deaths is IList<object?> { Count: > 0 } all && all[0] is IDictionary<string, object?> death
            ? death
            : new Dictionary<string, object?>();

    static string? Text(IDictionary<string, object?> headers, string name) => !headers.TryGetValue(name, out var value)
        ? null
        : value switch
        {
            byte[] text => Encoding.UTF8.GetString(text),
            string text => text,
            _ => null,
        };

    static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
}
