using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ImagePipeline.Contracts;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>Reads one line of an NDJSON file: a <see cref="ListingPhotosSubmitted"/> as camel-case JSON.</summary>
static class NdjsonLine
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new LiberalTime() } };

    static readonly string[] Required = ["feed", "listingKey", "changedAt", "photos"];

    public static FeedItem Read(ReadOnlyMemory<byte> line, IReadOnlyCollection<string> leaseParameters, string where)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (ResoFields.Of(document.RootElement) is not { } fields) return Refused("It is not a JSON object.");
            if (Array.FindAll(Required, name => fields.Value(name) is null) is { Length: > 0 } missing)
                return Refused($"It has no {string.Join(" and no ", missing)}.");

            return document.RootElement.Deserialize<ListingPhotosSubmitted>(Json)!.ToReadListing(leaseParameters, where);
        }
        catch (JsonException e)
        {
            return Refused(e.Path switch
            {
                ['$', '.', .. var path, ']'] when !path.Contains('.', StringComparison.Ordinal) => $"Its {path}] has no url, or is no photo.",
                ['$', '.', .. var path] => $"Its {path} has a value of the wrong kind.",
                _ => string.Create(CultureInfo.InvariantCulture, $"It is broken JSON at byte {e.BytePositionInLine + 1}."),
            });
        }

        RefusedRecord Refused(string why) => new() { Where = where, Why = why };
    }

    // Without a zone the serializer would take the machine's own.
    sealed class LiberalTime : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Timestamps.Parse(reader.GetString()) is { } time ? time : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
