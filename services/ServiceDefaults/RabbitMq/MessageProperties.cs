using System.Text.Json;
using System.Text.Json.Nodes;
using RabbitMQ.Client;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>AMQP properties and headers as bytes and back, each header with its type: what is sent again is what was there.</summary>
public static class MessageProperties
{
    // The letters are those of RabbitMQ's own types of fields.
    const string Table = "F";
    const string List = "A";

    /// <summary>Writes them.</summary>
    public static byte[] ToBytes(IReadOnlyBasicProperties properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        var json = new JsonObject();
        Add("contentType", properties.IsContentTypePresent(), properties.ContentType);
        Add("contentEncoding", properties.IsContentEncodingPresent(), properties.ContentEncoding);
        Add("deliveryMode", properties.IsDeliveryModePresent(), (byte)properties.DeliveryMode);
        Add("priority", properties.IsPriorityPresent(), properties.Priority);
        Add("correlationId", properties.IsCorrelationIdPresent(), properties.CorrelationId);
        Add("replyTo", properties.IsReplyToPresent(), properties.ReplyTo);
        Add("expiration", properties.IsExpirationPresent(), properties.Expiration);
        Add("messageId", properties.IsMessageIdPresent(), properties.MessageId);
        Add("timestamp", properties.IsTimestampPresent(), properties.Timestamp.UnixTime);
        Add("type", properties.IsTypePresent(), properties.Type);
        Add("userId", properties.IsUserIdPresent(), properties.UserId);
        Add("appId", properties.IsAppIdPresent(), properties.AppId);
        Add("clusterId", properties.IsClusterIdPresent(), properties.ClusterId);
        if (properties.Headers is { } headers)
            json["headers"] = Write(headers);
        return JsonSerializer.SerializeToUtf8Bytes(json);

        void Add<T>(string name, bool isPresent, T value)
        {
            if (isPresent)
                json[name] = JsonValue.Create(value);
        }
    }

    /// <summary>Reads what <see cref="ToBytes"/> has written; of no bytes, none.</summary>
    public static BasicProperties FromBytes(ReadOnlyMemory<byte> bytes)
    {
        var properties = new BasicProperties();
        if (bytes.IsEmpty)
            return properties;
        foreach (var (name, value) in JsonNode.Parse(bytes.Span)!.AsObject())
        {
            switch (name)
            {
                case "contentType": properties.ContentType = (string?)value; break;
                case "contentEncoding": properties.ContentEncoding = (string?)value; break;
                case "deliveryMode": properties.DeliveryMode = (DeliveryModes)(byte)value!; break;
                case "priority": properties.Priority = (byte)value!; break;
                case "correlationId": properties.CorrelationId = (string?)value; break;
                case "replyTo": properties.ReplyTo = (string?)value; break;
                case "expiration": properties.Expiration = (string?)value; break;
                case "messageId": properties.MessageId = (string?)value; break;
                case "timestamp": properties.Timestamp = new AmqpTimestamp((long)value!); break;
                case "type": properties.Type = (string?)value; break;
                case "userId": properties.UserId = (string?)value; break;
                case "appId": properties.AppId = (string?)value; break;
                case "clusterId": properties.ClusterId = (string?)value; break;
                case "headers": properties.Headers = (IDictionary<string, object?>)Read(value!)!; break;
            }
        }
        return properties;
    }

    static JsonArray Write(object? value) => value switch
    {
        null => ["V"],
        bool v => ["t", v],
        sbyte v => ["b", v],
        byte v => ["B", v],
        short v => ["s", v],
        ushort v => ["u", v],
        int v => ["I", v],
        uint v => ["i", v],
        long v => ["l", v],
        // As bits: neither NaN nor infinity is a number to JSON.
        float v => ["f", BitConverter.SingleToInt32Bits(v)],
        double v => ["d", BitConverter.DoubleToInt64Bits(v)],
        decimal v => ["D", v],
        AmqpTimestamp v => ["T", v.UnixTime],
        byte[] v => ["S", Convert.ToBase64String(v)],
        string v => ["S", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(v))],
        BinaryTableValue v => ["x", Convert.ToBase64String(v.Bytes)],
        IDictionary<string, object?> v => [Table, new JsonObject(v.Select(field => KeyValuePair.Create(field.Key, (JsonNode?)Write(field.Value))))],
        System.Collections.IList v => [List, new JsonArray([.. v.Cast<object?>().Select(Write)])],
        _ => throw new ArgumentException($"A header of type {value.GetType()} is none that a broker sends.", nameof(value)),
    };

    static object? Read(JsonNode written)
    {
        var value = written.AsArray() is { Count: 2 } pair ? pair[1]! : null;
        return (string?)written[0] switch
        {
            "V" => null,
            "t" => (bool)value!,
            "b" => (sbyte)value!,
            "B" => (byte)value!,
            "s" => (short)value!,
            "u" => (ushort)value!,
            "I" => (int)value!,
            "i" => (uint)value!,
            "l" => (long)value!,
            "f" => BitConverter.Int32BitsToSingle((int)value!),
            "d" => BitConverter.Int64BitsToDouble((long)value!),
            "D" => (decimal)value!,
            "T" => new AmqpTimestamp((long)value!),
            "S" => Convert.FromBase64String((string)value!),
            "x" => new BinaryTableValue(Convert.FromBase64String((string)value!)),
            Table => value!.AsObject().ToDictionary(field => field.Key, field => Read(field.Value!)),
            List => value!.AsArray().Select(item => Read(item!)).ToList(),
            var type => throw new InvalidDataException($"Headers were written by another version: it has a type {type}."),
        };
    }
}
