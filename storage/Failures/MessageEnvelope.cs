using System.Text;
using System.Text.Json;

namespace ImagePipeline.Storage.Failures;

/// <summary>
/// What can be told of a message from its bytes: of MassTransit's envelope, of plain JSON, or, where it is neither, nothing. Reads without failing, whatever the bytes are.
/// </summary>
public sealed record MessageEnvelope
{
    // Where MassTransit keeps how often a message was sent to a rung: in the body, so a replay that does not edit it has no tries left.
    const string RedeliveryCount = "MT-Redelivery-Count";

    /// <summary>The message's own id.</summary>
    public string? MessageId { get; private init; }

    /// <summary>The message's type without its namespace, such as <c>PhotoRequested</c> or <c>Fault&lt;PhotoRequested&gt;</c>.</summary>
    public string? MessageType { get; private init; }

    /// <summary>The feed it is about.</summary>
    public string? Feed { get; private init; }

    /// <summary>The listing it is about.</summary>
    public string? ListingKey { get; private init; }

    /// <summary>The photo it is about.</summary>
    public string? PhotoId { get; private init; }

    /// <summary>Reads a body.</summary>
    public static MessageEnvelope Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(WithoutMark(body));
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return new();
            var message = Find(root, "message") is { ValueKind: JsonValueKind.Object } inner && Find(root, "messageType") is not null ? inner : root;
            // A fault carries the message that failed.
            var subject = Find(message, "feed") is null && Find(message, "message") is { ValueKind: JsonValueKind.Object } failed ? failed : message;
            return new()
            {
                MessageId = Text(root, "messageId"),
                MessageType = Find(root, "messageType") is { ValueKind: JsonValueKind.Array } types && types.GetArrayLength() > 0 ? ShortName(types[0]) : null,
                Feed = Text(subject, "feed"),
                ListingKey = Text(subject, "listingKey"),
                PhotoId = Text(subject, "photoId"),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or with text that is none: kept and replayed as it is.
            return new();
        }
    }

    /// <summary>
    /// The same bytes, but for the number of tries in the headers of the envelope: how many the message has had, when it is consumed next. A body without that number, or that is no
    /// envelope, is returned as it is, unless <paramref name="count"/> is more than 0 and it has headers to put it in.
    /// </summary>
    public static ReadOnlyMemory<byte> WithRedeliveryCount(ReadOnlyMemory<byte> body, int count)
    {
        var marked = body.Length - WithoutMark(body).Length;
        try
        {
            return FindCount(body.Span[marked..]) switch
            {
                { Start: var start, Length: > 0 and var length } => Replace(body, marked + start, length, $"{count}"),
                { Start: > 0 and var start, IsEmptyHeaders: var alone } when count > 0 => Replace(body, marked + start, 0, $"\"{RedeliveryCount}\":{count}{(alone ? "" : ",")}"),
                _ => body,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return body;
        }
    }

    static (int Start, int Length, bool IsEmptyHeaders) FindCount(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var isEnvelope = false;
        var at = (Start: 0, Length: 0, IsEmptyHeaders: false);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                continue;
            isEnvelope |= Is(ref reader, "messageType");
            var isHeaders = Is(ref reader, "headers");
            reader.Read();
            if (!isHeaders || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }
            at.Start = (int)reader.TokenStartIndex + 1;
            at.IsEmptyHeaders = true;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                at.IsEmptyHeaders = false;
                var isCount = Is(ref reader, RedeliveryCount);
                reader.Read();
                if (isCount && reader.TokenType is JsonTokenType.Number or JsonTokenType.String)
                    at = ((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex), false);
                reader.Skip();
            }
        }
        return isEnvelope ? at : default;
    }

    // MassTransit reads names whatever their case.
    static bool Is(ref Utf8JsonReader reader, string name) => string.Equals(reader.GetString(), name, StringComparison.OrdinalIgnoreCase);

    static ReadOnlyMemory<byte> Replace(ReadOnlyMemory<byte> body, int start, int length, string by) =>
        (byte[])[.. body.Span[..start], .. Encoding.ASCII.GetBytes(by), .. body.Span[(start + length)..]];

    /// <summary>A body without the mark that some writers put in front of UTF-8, which is no JSON.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> body) => body.Span.StartsWith("\uFEFF"u8) ? body["\uFEFF"u8.Length..] : body;

    /// <summary>A property whatever its case, as MassTransit reads it; null where there is none.</summary>
    public static JsonElement? Find(JsonElement element, string name)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))
                return property.Value;
        }
        return null;
    }

    static string? Text(JsonElement element, string name) => Find(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    // urn:message:ImagePipeline.Contracts:PhotoRequested, urn:message:MassTransit:Fault[[ImagePipeline.Contracts:PhotoRequested]]
    static string? ShortName(JsonElement urn)
    {
        if (urn.ValueKind != JsonValueKind.String)
            return null;
        var text = urn.GetString()!;
        var inner = text.IndexOf("[[", StringComparison.Ordinal);
        return inner < 0 ? Last(text) : $"{Last(text[..inner])}<{Last(text[inner..].Trim('[', ']'))}>";

        static string Last(string name) => name[(name.LastIndexOf(':') + 1)..];
    }
}
