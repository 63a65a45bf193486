using System.Globalization;
using System.Text.RegularExpressions;

namespace ImagePipeline.SampleMls.Listings;

/// <summary>
/// <c>GET /Property</c>: pages of listings with their photos, in the order of their keys. Understands <c>$top</c>, <c>$skip</c> and
/// <c>$filter=ListingKey eq '…'</c>; ignores other options, as photos are always expanded.
/// </summary>
sealed partial class PropertyEndpoint(Catalog catalog, FeedWriter feed, SampleMlsOptions options)
{
    int _reads;

    /// <summary>How often somebody began to read all listings.</summary>
    public int Reads => _reads;

    public async Task ServeAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var address = $"{context.Request.Scheme}://{context.Request.Host}";
        IReadOnlyList<Listing> listings = catalog.All;
        if (query.TryGetValue("$filter", out var filter))
        {
            if (KeyFilter().Match(filter.ToString()) is not { Success: true } match)
            {
                await RefuseAsync(context, "$filter: only ListingKey eq '...' is understood.");
                return;
            }

            listings = catalog.Find(match.Groups[1].Value.Replace("''", "'", StringComparison.Ordinal)) is { } found ? [found] : [];
        }

        if (!TryRead(query["$top"], options.PageSize, out var top) || !TryRead(query["$skip"], 0, out var skip))
        {
            await RefuseAsync(context, "$top and $skip are whole numbers, 0 or more.");
            return;
        }

        if (skip == 0 && filter.Count == 0)
            Interlocked.Increment(ref _reads);
        top = Math.Clamp(top, 1, options.MaxPageSize);
        var next = skip + top < listings.Count ? $"{address}/Property?$top={top}&$skip={skip + top}" : null;
        await SendAsync(context, feed.Page(listings.Skip(skip).Take(top), address, next));
    }

    /// <summary><c>GET /property.json</c>: all listings on one page.</summary>
    public Task ServeAllAsync(HttpContext context) => SendAsync(context, feed.Page($"{context.Request.Scheme}://{context.Request.Host}"));

    static bool TryRead(string? text, int absent, out int value)
    {
        value = absent;
        return text is null || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    static Task SendAsync(HttpContext context, byte[] page)
    {
        context.Response.ContentType = "application/json; odata.metadata=minimal";
        context.Response.ContentLength = page.Length;
        return context.Response.Body.WriteAsync(page, context.RequestAborted).AsTask();
    }

    static Task RefuseAsync(HttpContext context, string message)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsJsonAsync(new { error = new { code = "400", message } }, context.RequestAborted);
    }

    [GeneratedRegex(@"^\s*ListingKey eq '((?:[^']|'')*)'\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex KeyFilter();
}
