using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ImagePipeline.Storage.Failures;

/// <summary>
/// What is shown of texts and messages that may hold secrets: of a URL scheme, host and port, of a header or parameter that authorises only its name. What cannot be told from a
/// secret is left out too.
/// </summary>
public static partial class Redaction
{
    /// <summary>What stands for what was left out.</summary>
    public const string Mark = "…";

    /// <summary>A text without secrets. What is redacted already stays as it is.</summary>
    public static string Text(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = Urls().Replace(text, url => Shown(url));
        text = Authorizations().Replace(text, $"${{name}}{Mark}");
        text = Schemes().Replace(text, $"${{scheme}} {Mark}");
        text = Pairs().Replace(text, $"${{name}}{Mark}");
        text = Named().Replace(text, $"${{name}}{Mark}");
        text = Queries().Replace(text, $"?{Mark}");
        return WebTokens().Replace(text, $"eyJ{Mark}");
    }

    /// <summary>JSON without secrets, with all its properties in their order; null when these bytes are no JSON.</summary>
    public static string? Json(ReadOnlyMemory<byte> utf8, bool indented)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8.Span.StartsWith("\uFEFF"u8) ? utf8["\uFEFF"u8.Length..] : utf8);
            using var written = new MemoryStream();
            using (var writer = new Utf8JsonWriter(written, new JsonWriterOptions { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
                Write(writer, document.RootElement, name: "");
            return Encoding.UTF8.GetString(written.GetBuffer().AsSpan(0, (int)written.Length));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static void Write(Utf8JsonWriter writer, JsonElement element, string name)
    {
        if (SecretName().IsMatch(name) && element.ValueKind is not (JsonValueKind.Null or JsonValueKind.True or JsonValueKind.False))
        {
            writer.WriteStringValue(Mark);
            return;
        }
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject())
                {
                    var inner = Read(() => property.Name);
                    writer.WritePropertyName(Text(inner));
                    Write(writer, property.Value, inner);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    Write(writer, item, name);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Value(name, Read(() => element.GetString()!)));
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    // A URL may lack what tells that it is one.
    static string Value(string name, string value)
    {
        var text = Text(value);
        return text == value && value.Length > 0 && UrlName().IsMatch(name) && !Urls().IsMatch(value) ? Mark : text;
    }

    // Half of a character is JSON, and no text.
    static string Read(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return "\uFFFD";
        }
    }

    static string Shown(Match url)
    {
        var rest = url.Groups["rest"].Value;
        var host = url.Groups["host"].Value;
        // A password may hold what ends a host.
        if (rest.Contains('@', StringComparison.Ordinal) && host.LastIndexOf(':') is > 0 and var colon)
            host = host[..colon];
        var address = $"{url.Groups["scheme"].Value}://{host}";
        if (rest.Length == 0 && !url.Groups["user"].Success)
            return address;
        // What a sentence has behind a URL is not of it.
        var end = rest.Length;
        while (end > 0 && ").,;:!?'\u201d\u2019]}".Contains(rest[end - 1], StringComparison.Ordinal))
            end--;
        return $"{address}{(end == 0 && !url.Groups["user"].Success ? "" : $"/{Mark}")}{rest[end..]}";
    }

    // A slash may be escaped, as in JSON, or encoded, as in another URL's query. As far as it can go: what a URL may not hold, such as an apostrophe, vendors send all the same.
    [GeneratedRegex(
        @"(?<scheme>[a-z][a-z0-9+.-]{0,30})(?::|%3a)(?:\\*/|%2f){2}(?<user>[^\s/\\?#""<>]*@)?(?<host>\[[0-9a-f:.%]*\](:\d+)?|[\p{L}\p{N}._~-]*(:\d+)?)(?<rest>[^\s""<>`]*)",
        RegexOptions.IgnoreCase)]
    private static partial Regex Urls();

    // Of what has no scheme and is a URL all the same, such as a path: what a vendor calls its signature nobody knows.
    [GeneratedRegex(@"\?(?=[\w.~%$-]{1,64}=)[^\s""'<>`]*")]
    private static partial Regex Queries();

    // To the end of the line, or of the quotation: there may be several words.
    [GeneratedRegex(@"(?<name>(authorization|cookie)""?[ \t]*[:=][ \t]*""?)[^\r\n""]+", RegexOptions.IgnoreCase)]
    private static partial Regex Authorizations();

    [GeneratedRegex(@"\b(?<scheme>bearer|basic|digest|negotiate|aws4-hmac-sha256)[ \t]+(?=[^\s,;]*[\d=._-]|[^\s,;]{16})[^\s""'<>]+", RegexOptions.IgnoreCase)]
    private static partial Regex Schemes();

    // name=value, also percent-encoded, in a query, a connection string or a form. Bounded: what is long without end is no name.
    [GeneratedRegex(
        @"(?<name>(?:(?:token|signature|api[-_.]?key|access[-_.]?key|account[-_.]?key|subscription[-_.]?key|passw|pwd|secret|credential|x-amz-|x-goog-|session[-_.]?id)[\w.$-]{0,64}|(?<![\w-])(?:sig|hmac|auth|auth[-_]?key|jwt|pass|key|policy|hdne[at]|hdnt[ls]|__gda__))[""']?[ \t]*(?:=|%3d)[ \t]*)(?:(?:""[^""]*""?|'[^']*'?)[^\s&;,""'<>]*|[^\s&;,""'<>]+)",
        RegexOptions.IgnoreCase)]
    private static partial Regex Pairs();

    // name: value and "name": "value", where the name leaves no doubt, or the value looks made by a machine.
    [GeneratedRegex(
        @"(?<name>(?:(?:api[-_.]?key|access[-_.]?key|passw|pwd|secret|credential|x-amz-|x-goog-)[\w.$-]{0,64}[ \t]*:[ \t]*|(?:token|signature)[\w.$-]{0,64}[ \t]*:[ \t]*(?=[^\s,;""'<>]{12})(?=[^\s,;""'<>]*\d)|(?:token|signature|api[-_.]?key|access[-_.]?key|passw|pwd|secret|credential|x-amz-|x-goog-)[\w.$-]{0,64}(?:\\*""[ \t]*:[ \t]*\\*""|'[ \t]*:[ \t]*')))[^\s&;,""'<>]+",
        RegexOptions.IgnoreCase)]
    private static partial Regex Named();

    [GeneratedRegex(@"\beyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*){1,4}")]
    private static partial Regex WebTokens();

    [GeneratedRegex(@"authorization|cookie|(?<!cancellation)token|signature|api[-_.]?key|access[-_.]?key|account[-_.]?key|passw|pwd|secret|credential|^x-amz-|^x-goog-|auth[-_]?key|^(sig|hmac|auth|jwt|pass)$", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex("(url|uri|href)s?$", RegexOptions.IgnoreCase)]
    private static partial Regex UrlName();
}
