using System.Net;
using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>
/// Reads feeds, from a RESO Web API or from files. Stateless beside its connections: one serves all feeds at once. Nothing it says or logs
/// shows more of a URL than scheme and host, or a header's value.
/// </summary>
public sealed class FeedSource(IOptions<FeedReadingOptions> limits, TimeProvider time, ILogger<FeedSource> logger) : IDisposable
{
    readonly HttpClient _http = new(new SocketsHttpHandler
    {
        // MLS Grid refuses requests without it.
        AutomaticDecompression = DecompressionMethods.GZip,
        // Both could carry a feed's secrets to another host or feed.
        AllowAutoRedirect = false,
        UseCookies = false,
        // So that a server's move in DNS is noticed.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        // Each try has its own (FeedReadingOptions.RequestTimeout).
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>
    /// All that the feed says, in its order, read as fast as it is taken. RESO records carry the id <paramref name="feed"/>; NDJSON lines carry
    /// their own.
    /// </summary>
    /// <exception cref="FeedUnreadableException">The feed, or the rest of it, cannot be read; what was yielded before holds.</exception>
    public IAsyncEnumerable<FeedItem> ReadAsync(string feed, FeedOptions options, CancellationToken cancellation) =>
        Url(feed, options) is { } url
            ? Pages(feed, options).ReadAsync(url, cancellation)
            : File(feed, options).ReadAsync(options.Source, cancellation);

    /// <summary>
    /// One listing as the feed gives it now, with fresh URLs; null when the feed does not have it. One request to a server; a file is read
    /// through, and its last word on the listing counts.
    /// </summary>
    /// <exception cref="FeedUnreadableException">The feed cannot be read, or the listing's record in it is refused.</exception>
    public async Task<ReadListing?> ReadListingAsync(string feed, FeedOptions options, string listingKey, CancellationToken cancellation)
    {
        var items = Url(feed, options) is { } url
            ? Pages(feed, options).ReadAsync(ListingQuery.For(url, listingKey), cancellation)
            : File(feed, options).ReadAsync(options.Source, cancellation);

        FeedItem? last = null;
        await foreach (var item in items)
        {
            if (item is ReadListing listing && listing.Feed == feed && listing.ListingKey == listingKey) last = listing;
            if (item is RefusedRecord refused && refused.ListingKey == listingKey) last = refused;
        }
        return last is RefusedRecord { Where: var where, Why: var why }
            ? throw new FeedUnreadableException(feed, $"{where}: {why}")
            : last as ReadListing;
    }

    /// <summary>
    /// Whether a read of the feed could begin: null, or the sentence that says why not. A file is opened and its beginning looked at; a server is
    /// not asked.
    /// </summary>
    public async Task<string?> PreflightAsync(string feed, FeedOptions options, CancellationToken cancellation)
    {
        try
        {
            if (Url(feed, options) is null) await File(feed, options).CheckAsync(options.Source, cancellation);
            return null;
        }
        catch (FeedUnreadableException e)
        {
            return e.Message;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    FeedPages Pages(string feed, FeedOptions options) =>
        new(feed, new PageRequests(feed, options.Headers, _http, limits.Value, time, logger), limits.Value, options.LeaseParameters);

    FeedFile File(string feed, FeedOptions options) => new(feed, limits.Value, options.LeaseParameters);

    /// <summary>The source's URL; null when it is a file.</summary>
    static Uri? Url(string feed, FeedOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Source)) throw new FeedUnreadableException(feed, "it has no Source, a file or an http(s) URL.");
        if (!options.Source.Contains("://", StringComparison.Ordinal)) return null;

        if (!SourceUrl.TryParse(options.Source, out var url))
            throw new FeedUnreadableException(feed, "its Source is neither a file nor an http(s) URL.");
        if (url.UserInfo.Length > 0)
            throw new FeedUnreadableException(feed, "its Source has a user in the URL; credentials belong into the feed's Headers.");
        foreach (var (name, value) in options.Headers)
        {
            if (!IsSendable(name, value)) throw new FeedUnreadableException(feed, $"its header {name} cannot be sent with a request.");
        }
        return url;
    }

    static bool IsSendable(string name, string value)
    {
        using var request = new HttpRequestMessage();
        return value.All(c => c is >= ' ' and <= '~') && request.Headers.TryAddWithoutValidation(name, value);
    }
}
