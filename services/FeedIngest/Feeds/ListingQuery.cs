namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>The query for one listing of a RESO Web API.</summary>
static class ListingQuery
{
    /// <summary>
    /// <paramref name="source"/> with its <c>$filter</c> narrowed to the listing. The rest of the query stays as it is, and so does a filter that
    /// stands there: without its system's name MLS Grid answers with an unrelated record.
    /// </summary>
    public static Uri For(Uri source, string listingKey)
    {
        var text = source.OriginalString;
        var question = text.IndexOf('?', StringComparison.Ordinal);
        var (address, query) = question < 0 ? (text, "") : (text[..question], text[(question + 1)..]);

        var isListing = Uri.EscapeDataString($"ListingKey eq '{listingKey.Replace("'", "''", StringComparison.Ordinal)}'");
        var parameters = query.Split('&', StringSplitOptions.RemoveEmptyEntries).ToList();
        var filter = parameters.FindIndex(p => Name(p) is "$filter");
        if (filter < 0) parameters.Add($"$filter={isListing}");
        else parameters[filter] = $"$filter=({Value(parameters[filter])})%20and%20{isListing}";

        return SourceUrl.TryParse($"{address}?{string.Join('&', parameters)}", out var url)
            ? url
            : throw new InvalidOperationException("A URL with a query is a URL.");
    }

    static string Value(string parameter) => parameter[(parameter.IndexOf('=', StringComparison.Ordinal) + 1)..];

    static string Name(string parameter) => Uri.UnescapeDataString(parameter.Split('=')[0]).ToLowerInvariant();
}
