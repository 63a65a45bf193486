using System.Globalization;
using System.Text.Json;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>
/// One RESO document: a page (<c>value</c> and perhaps <c>@odata.nextLink</c>), or in RESO's Common Format a single record. Parsed as a whole before
/// anything of it counts, so that half a page is no page.
/// </summary>
sealed class ResoPage : IDisposable
{
    readonly JsonDocument _document;
    readonly string _feed;
    readonly string _name;
    readonly bool _isRecord;

    ResoPage(JsonDocument document, string feed, string name, bool isRecord, string? nextLink)
    {
        _document = document;
        _feed = feed;
        _name = name;
        _isRecord = isRecord;
        NextLink = nextLink;
    }

    /// <summary>The link to the next page, as written; null on the last.</summary>
    public string? NextLink { get; }

    /// <summary>Parses a document that refusals call <paramref name="name"/>.</summary>
    /// <exception cref="FeedUnreadableException">It is no RESO document.</exception>
    public static ResoPage Parse(ReadOnlyMemory<byte> json, string feed, string name)
    {
        if (json.Span.StartsWith("\uFEFF"u8)) json = json[3..];
        if (json.Span.Trim(" \t\r\n"u8).IsEmpty) throw new FeedUnreadableException(feed, $"{name} is empty.");

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw new FeedUnreadableException(feed, string.Create(
                CultureInfo.InvariantCulture, $"{name} is broken JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}."));
        }

        try
        {
            return Of(document, feed, name);
        }
        catch
        {
            document.Dispose();
            throw;
        }
    }

    /// <summary>Its records, each a listing or refused. Only until the page is disposed.</summary>
    public IEnumerable<FeedItem> Items(LeaseParameters leaseParameters)
    {
        if (_isRecord)
        {
            yield return ResoProperty.Read(_document.RootElement, _feed, leaseParameters, _name);
            yield break;
        }

        var position = 0;
        foreach (var record in Records(ResoFields.Of(_document.RootElement)!)!.Value.EnumerateArray())
        {
            position++;
            var where = string.Create(CultureInfo.InvariantCulture, $"record {position} of {_name}");
            yield return ResoProperty.Read(record, _feed, leaseParameters, where);
        }
    }

    public void Dispose() => _document.Dispose();

    static ResoPage Of(JsonDocument document, string feed, string name)
    {
        if (ResoFields.Of(document.RootElement) is not { } fields)
            throw new FeedUnreadableException(feed, $"{name} is not a JSON object; a RESO page has its records in \"value\".");

        if (Records(fields) is null)
        {
            if (fields.Value("ListingKey") is null && fields.Value("Media") is null && fields.Value("@reso.context") is null)
            {
                throw new FeedUnreadableException(feed, fields.Value("error") is null
                    ? $"{name} has neither a RESO page's \"value\" array nor a record's ListingKey."
                    : $"{name} is an error message instead of a page.");
            }
            return new ResoPage(document, feed, name, isRecord: true, nextLink: null);
        }

        // OData 4.01 may leave "odata." away. A link that is no text must not pass for the end of the feed.
        var text = fields.Text("@odata.nextLink") ?? fields.Text("@nextLink");
        if (text is null && (fields.Value("@odata.nextLink") ?? fields.Value("@nextLink")) is not null)
            throw new FeedUnreadableException(feed, $"{name} has an @odata.nextLink that is not a text.");
        return new ResoPage(document, feed, name, isRecord: false, string.IsNullOrWhiteSpace(text) ? null : text);
    }

    static JsonElement? Records(ResoFields fields) => fields.Value("value") is { ValueKind: JsonValueKind.Array } records ? records : null;
}
