using System.Collections;
using System.Globalization;
using ImagePipeline.ServiceDefaults.RabbitMq;
using ImagePipeline.TestSupport;
using RabbitMQ.Client;

namespace ImagePipeline.ServiceDefaults.Tests.RabbitMq;

/// <summary>Properties and headers that are kept and sent again are what they were, type by type.</summary>
public sealed class MessagePropertiesTests(RabbitMqServer server)
{
    static readonly Dictionary<string, object?> EveryType = new()
    {
        ["nothing"] = null,
        ["bool"] = true,
        ["sbyte"] = (sbyte)-7,
        ["byte"] = (byte)200,
        ["short"] = short.MinValue,
        ["ushort"] = ushort.MaxValue,
        ["int"] = int.MinValue,
        ["uint"] = uint.MaxValue,
        ["long"] = long.MaxValue,
        ["float"] = float.NaN,
        ["double"] = double.NegativeInfinity,
        ["decimal"] = 12.345m,
        ["time"] = new AmqpTimestamp(1_770_000_000),
        ["text"] = "ünïcode \0 \"quoted\"",
        ["bytes that are no text"] = new byte[] { 0xff, 0xfe, 0x00 },
        ["empty"] = Array.Empty<byte>(),
        ["binary"] = new BinaryTableValue([1, 2, 255]),
        ["list"] = new List<object?> { 1, "two"u8.ToArray(), null, new List<object?> { 3L } },
        ["table"] = new Dictionary<string, object?> { ["a"] = (short)1, ["b"] = new Dictionary<string, object?> { ["c"] = null } },
        [""] = 1,
    };

    [Fact]
    public void Each_property_and_each_type_of_header_reads_as_it_was_written()
    {
        var properties = Every();

        var read = MessageProperties.FromBytes(MessageProperties.ToBytes(properties));

        Assert.Equal(Shown(properties), Shown(read));
        Assert.Equal(
            ("a", "b", DeliveryModes.Persistent, (byte)7, "c", "d", "60000", "e", new AmqpTimestamp(1_770_000_000), "f", "g", "h", "i"),
            (read.ContentType!, read.ContentEncoding!, read.DeliveryMode, read.Priority, read.CorrelationId!, read.ReplyTo!, read.Expiration!, read.MessageId!, read.Timestamp, read.Type!,
                read.UserId!, read.AppId!, read.ClusterId!));
    }

    [Fact]
    public void What_is_not_there_is_not_there_afterwards()
    {
        var read = MessageProperties.FromBytes(MessageProperties.ToBytes(new BasicProperties()));

        Assert.Equal(Shown(new BasicProperties()), Shown(read));
        Assert.False(read.IsHeadersPresent() || read.IsMessageIdPresent() || read.IsDeliveryModePresent() || read.IsTimestampPresent() || read.IsPriorityPresent());
        Assert.Equal(Shown(new BasicProperties()), Shown(MessageProperties.FromBytes(default)));
    }

    [Fact]
    public async Task A_broker_gives_out_the_same_for_what_was_kept_and_sent_again_as_for_what_was_sent_first()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await broker.DeclareQueueAsync("q");
        await using var connection = await broker.ConnectAsync();
        // With confirmations the client numbers its messages in a header.
        await using var channel = await connection.CreateChannelAsync();
        var first = Every();
        first.ClearUserId();
        first.ClearExpiration();
        // Of what is no number a broker in Erlang breaks the connection.
        first.Headers!["float"] = 1.5f;
        first.Headers["double"] = -2.25;
        await channel.BasicPublishAsync("", "q", mandatory: true, first, ReadOnlyMemory<byte>.Empty);
        var got = (await channel.BasicGetAsync("q", autoAck: true))!.BasicProperties;

        await channel.BasicPublishAsync("", "q", mandatory: true, MessageProperties.FromBytes(MessageProperties.ToBytes(got)), ReadOnlyMemory<byte>.Empty);

        var again = (await channel.BasicGetAsync("q", autoAck: true))!.BasicProperties;
        Assert.Equal(Shown(got), Shown(again));
        Assert.Equal(EveryType.Count, again.Headers!.Count);
    }

    static BasicProperties Every() => new()
    {
        ContentType = "a",
        ContentEncoding = "b",
        DeliveryMode = DeliveryModes.Persistent,
        Priority = 7,
        CorrelationId = "c",
        ReplyTo = "d",
        Expiration = "60000",
        MessageId = "e",
        Timestamp = new AmqpTimestamp(1_770_000_000),
        Type = "f",
        UserId = "g",
        AppId = "h",
        ClusterId = "i",
        Headers = new Dictionary<string, object?>(EveryType),
    };

    static string Shown(IReadOnlyBasicProperties p) => string.Join(
        '\n', p.ContentType, p.ContentEncoding, p.IsDeliveryModePresent() ? p.DeliveryMode : "", p.IsPriorityPresent() ? p.Priority : "", p.CorrelationId, p.ReplyTo, p.Expiration, p.MessageId,
        p.IsTimestampPresent() ? p.Timestamp.UnixTime : "", p.Type, p.UserId, p.AppId, p.ClusterId, Value(p.Headers));

    // Text comes from a broker as bytes, and so does what was written as text.
    static string Value(object? value) => value switch
    {
        null => "null",
        string text => Value(System.Text.Encoding.UTF8.GetBytes(text)),
        byte[] bytes => $"S {Convert.ToHexString(bytes)}",
        BinaryTableValue binary => $"x {Convert.ToHexString(binary.Bytes)}",
        AmqpTimestamp time => $"T {time.UnixTime}",
        IDictionary<string, object?> table => $"{{{string.Join(", ", table.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}: {Value(f.Value)}"))}}}",
        IList list => $"[{string.Join(", ", list.Cast<object?>().Select(Value))}]",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value.GetType().Name} {value}"),
    };
}
