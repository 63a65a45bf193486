using System.Globalization;
using System.Text.Json;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>
/// The fields of one RESO record, read liberally: names in any case (<c>MediaURL</c>, <c>MediaUrl</c>), numbers as 12, 12.0 or "12", enumerations as
/// one text or an array. What is null or cannot be understood is null.
/// </summary>
sealed class ResoFields
{
    readonly Dictionary<string, JsonElement> _values = new(StringComparer.OrdinalIgnoreCase);

    ResoFields()
    {
    }

    /// <summary>The fields of <paramref name="record"/>; null when it is no JSON object.</summary>
    public static ResoFields? Of(JsonElement record)
    {
        if (record.ValueKind != JsonValueKind.Object) return null;
        var fields = new ResoFields();
        foreach (var property in record.EnumerateObject())
        {
            // Of a name written twice, in one case or two, the first value that is one counts.
            if (property.Value.ValueKind != JsonValueKind.Null && NameOf(property) is { } name) fields._values.TryAdd(name, property.Value);
        }
        return fields;
    }

    /// <summary>The field's value as it is written; null where it is absent or null.</summary>
    public JsonElement? Value(string name) => _values.TryGetValue(name, out var value) ? value : null;

    /// <summary>A text, exactly as written.</summary>
    public string? Text(string name) => Value(name) is { ValueKind: JsonValueKind.String } value ? TextOf(value) : null;

    /// <summary>A text for people; see <see cref="DisplayText"/>.</summary>
    public string? Words(string name) => DisplayText.Clean(Text(name));

    /// <summary>A key: a text as written, or a number as digits.</summary>
    public string? Key(string name) => Value(name) switch
    {
        { ValueKind: JsonValueKind.String } value => TextOf(value),
        { ValueKind: JsonValueKind.Number } value => value.TryGetDecimal(out var number) && number == decimal.Truncate(number)
            ? number.ToString("0", CultureInfo.InvariantCulture)
            : value.GetRawText(),
        _ => null,
    };

    public decimal? Number(string name) => Value(name) switch
    {
        { ValueKind: JsonValueKind.Number } value when value.TryGetDecimal(out var number) => number,
        { ValueKind: JsonValueKind.String } value
            when decimal.TryParse(TextOf(value), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    /// <summary>A number without its fraction; null also where it is too large to be meant.</summary>
    public int? Whole(string name) => Number(name) is { } number and >= int.MinValue and <= int.MaxValue ? (int)number : null;

    public bool? Flag(string name) => Value(name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.Number } value when value.TryGetDecimal(out var number) => number != 0,
        { ValueKind: JsonValueKind.String } value => TextOf(value)?.Trim().ToUpperInvariant() switch
        {
            "TRUE" or "Y" or "YES" or "1" => true,
            "FALSE" or "N" or "NO" or "0" => false,
            _ => null,
        },
        _ => null,
    };

    public DateTimeOffset? Time(string name) => Timestamps.Parse(Text(name));

    /// <summary>The values of an enumeration, of one value or several: an array, or OData's text with commas between.</summary>
    public IReadOnlyList<string> Texts(string name) => Value(name) switch
    {
        { ValueKind: JsonValueKind.String } value => [.. (TextOf(value) ?? "").Split(',').Select(DisplayText.Clean).OfType<string>()],
        { ValueKind: JsonValueKind.Array } value =>
        [
            .. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => DisplayText.Clean(TextOf(item))).OfType<string>(),
        ],
        _ => [],
    };

    /// <summary>Whether an enumeration has one of <paramref name="values"/>, written for machines
    /// (<c>ActiveUnderContract</c>) or for people.</summary>
    public bool IsAny(string name, params ReadOnlySpan<string> values)
    {
        foreach (var text in Texts(name))
        {
            var written = text.Replace(" ", "", StringComparison.Ordinal);
            foreach (var value in values)
                if (string.Equals(written, value, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    // Half a surrogate pair, or bytes that are no UTF-8, pass the parser and throw only when they are read. A name or a text like that is none.
    static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
