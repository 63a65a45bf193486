using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImagePipeline.PhotoWorker;

/// <summary>
/// All that is known of a stored photo, in the record of its commit mark: short names and no keys, because Amazon S3 takes 2 KB of metadata, in ASCII.
/// </summary>
sealed record CommitRecord
{
    // Half of the 2,000 bytes a record may have; a character outside of ASCII takes 6 of them.
    const int MaxCopyrightBytes = 1_000;

    [JsonPropertyName("w")]
    public required int Width { get; init; }

    [JsonPropertyName("h")]
    public required int Height { get; init; }

    [JsonPropertyName("b")]
    public required long Bytes { get; init; }

    [JsonPropertyName("t")]
    public required string ContentType { get; init; }

    [JsonPropertyName("s")]
    public required string Sha256 { get; init; }

    [JsonPropertyName("c")]
    public string? Copyright { get; init => field = Fitting(value); }

    [JsonPropertyName("r")]
    public required IReadOnlyList<Rendition> Renditions { get; init; }

    public static CommitRecord Parse(string text) =>
        JsonSerializer.Deserialize<CommitRecord>(text) ?? throw new JsonException("A commit mark holds no record.");

    public string ToText() => JsonSerializer.Serialize(this);

    static string? Fitting(string? text)
    {
        while (text is not null && JsonEncodedText.Encode(text).EncodedUtf8Bytes.Length > MaxCopyrightBytes)
        {
            text = text[..(text.Length * 3 / 4)];
            if (char.IsHighSurrogate(text[^1]))
                text = text[..^1];
        }
        return text;
    }

    internal sealed record Rendition(
        [property: JsonPropertyName("w")] int Width, [property: JsonPropertyName("h")] int Height, [property: JsonPropertyName("b")] long Bytes);
}
