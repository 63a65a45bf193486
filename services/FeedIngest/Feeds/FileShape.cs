using System.Text.Json;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>What a file of listings holds, told from its beginning and not from its name.</summary>
enum FileShape
{
    /// <summary>One JSON document: a RESO page or record, or something else that parsing it as such will name.</summary>
    Document,

    /// <summary>NDJSON: a submitted listing on each line.</summary>
    Lines,

    /// <summary>A submitted listing, but written over several lines.</summary>
    SpreadLines,
}

static class FileShapes
{
    /// <summary>How much of a file is enough to tell.</summary>
    public const int HeadBytes = 64 * 1024;

    /// <summary>The shape of a file that begins with <paramref name="head"/>.</summary>
    public static FileShape Of(ReadOnlySpan<byte> head)
    {
        // The first line may be broken, which refuses that line and not the file: the next ones tell too.
        if (OfObject(head) is { } first) return first;
        while (head.IndexOf((byte)'\n') is >= 0 and var newline)
        {
            head = head[(newline + 1)..];
            if (OfObject(head) is FileShape.Lines) return FileShape.Lines;
        }
        return FileShape.Document;
    }

    /// <summary>What the first property that tells says; null when there is none before the JSON breaks or ends.</summary>
    static FileShape? OfObject(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, isFinalBlock: false, default);
        try
        {
            if (!reader.Read()) return null;
            if (reader.TokenType != JsonTokenType.StartObject) return FileShape.Document;
            var start = (int)reader.TokenStartIndex;
            while (reader.Read() && reader.CurrentDepth > 0)
            {
                // Nobody escapes these names, and an escape may be half a character, which throws when it is compared.
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName || reader.ValueIsEscaped) continue;
                if (IsSubmissions(ref reader))
                    return json[start..(int)reader.TokenStartIndex].Contains((byte)'\n') ? FileShape.SpreadLines : FileShape.Lines;
                if (IsResos(ref reader)) return FileShape.Document;
            }
        }
        catch (JsonException)
        {
            // Broken: it tells nothing.
        }
        return null;
    }

    static bool IsSubmissions(ref Utf8JsonReader name) =>
        name.ValueTextEquals("feed"u8) || name.ValueTextEquals("listingKey"u8)
        || name.ValueTextEquals("changedAt"u8) || name.ValueTextEquals("photos"u8);

    static bool IsResos(ref Utf8JsonReader name) =>
        name.ValueTextEquals("value"u8) || name.ValueTextEquals("ListingKey"u8) || name.ValueTextEquals("Media"u8);
}
