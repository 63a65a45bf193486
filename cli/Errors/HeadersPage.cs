using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImagePipeline.ServiceDefaults.RabbitMq;
using RabbitMQ.Client;

namespace ImagePipeline.Cli.Errors;

/// <summary>AMQP properties and headers as people and programs can read them, without secrets.</summary>
static class HeadersPage
{
    static readonly JsonSerializerOptions Named = new(JsonSerializerDefaults.Web);

    /// <summary>As JSON; null where there are none.</summary>
    public static JsonElement? Of(byte[] properties)
    {
        if (properties.Length == 0)
            return null;
        var read = MessageProperties.FromBytes(properties);
        var all = new JsonObject();
        Add("contentType", read.ContentType);
        Add("contentEncoding", read.ContentEncoding);
        Add("deliveryMode", read.IsDeliveryModePresent() ? (int)read.DeliveryMode : null);
        Add("priority", read.IsPriorityPresent() ? (int)read.Priority : null);
        Add("correlationId", read.CorrelationId);
        Add("replyTo", read.ReplyTo);
        Add("expiration", read.Expiration);
        Add("messageId", read.MessageId);
        Add("timestamp", read.IsTimestampPresent() ? Readable(read.Timestamp) : null);
        Add("type", read.Type);
        Add("userId", read.UserId);
        Add("appId", read.AppId);
        Add("clusterId", read.ClusterId);
        if (read.Headers is { Count: > 0 } headers)
            all["headers"] = Readable(headers);
        return Documents.Json(JsonSerializer.SerializeToUtf8Bytes(all, Named));

        void Add(string name, JsonNode? value)
        {
            if (value is not null)
                all[name] = value;
        }
    }

    static JsonNode? Readable(object? value) => value switch
    {
        null => null,
        byte[] bytes => JsonValue.Create(Text(bytes)),
        BinaryTableValue binary => JsonValue.Create(Convert.ToHexStringLower(binary.Bytes)),
        AmqpTimestamp time => JsonValue.Create(Time(time)),
        string v => JsonValue.Create(v),
        bool v => JsonValue.Create(v),
        float or double => JsonValue.Create(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)),
        IConvertible number => JsonValue.Create(Convert.ToDecimal(number, System.Globalization.CultureInfo.InvariantCulture)),
        IDictionary<string, object?> table => new JsonObject(table.Select(field => KeyValuePair.Create(field.Key, Readable(field.Value)))),
        System.Collections.IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(Readable)]),
        _ => JsonValue.Create(value.ToString()),
    };

    static string Text(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return text.Contains('\uFFFD', StringComparison.Ordinal) ? Convert.ToHexStringLower(bytes) : text;
    }

    // Some write milliseconds where seconds belong.
    static string Time(AmqpTimestamp time) => time.UnixTime is >= -62_135_596_800 and <= 253_402_300_799
        ? DateTimeOffset.FromUnixTimeSeconds(time.UnixTime).ToString("u", System.Globalization.CultureInfo.InvariantCulture)
        : time.UnixTime.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
