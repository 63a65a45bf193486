using System.Globalization;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>
/// What a photo's URL says beside where to fetch: which bytes it leads to, and until when. Works on the text as written, because it may be no URL
/// at all.
/// </summary>
sealed class PhotoUrl
{
    PhotoUrl(string identity, DateTimeOffset? expiresAt)
    {
        Identity = identity;
        ExpiresAt = expiresAt;
    }

    /// <summary>The URL without host and lease: what stays the same when it is signed again or moves to another CDN.</summary>
    public string Identity { get; }

    /// <summary>When the URL stops working, where it says so plainly.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    public static PhotoUrl Read(string url, LeaseParameters leaseParameters)
    {
        var rest = AfterHost(url);
        if (rest.IndexOf('#', StringComparison.Ordinal) is >= 0 and var fragment) rest = rest[..fragment];
        var question = rest.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = question < 0 ? (rest, "") : (rest[..question], rest[(question + 1)..]);

        var parameters = query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(Parameter.Read).ToList();
        var besideSig = parameters.Any(p => p.IsNamed("sig"));
        var isLease = (Parameter p) => leaseParameters.Contains(p.Name, besideSig);
        var lease = parameters.Where(isLease).ToList();

        // MLS Grid writes the lease into the path, /token=…&expires=…&id=…/images/…: such a segment is the lease as a whole, for what
        // stands beside a token is made new with it.
        var segments = new List<string>();
        foreach (var segment in path.Split('/'))
        {
            var inSegment = segment.Contains('=', StringComparison.Ordinal)
                ? segment.Split(['&', ';', ',', '~']).Select(Parameter.Read).ToList()
                : [];
            if (inSegment.Exists(p => isLease(p))) lease.AddRange(inSegment);
            else segments.Add(segment);
        }

        // Sorted: a server that signs again may write them in another order.
        var kept = parameters.Where(p => !isLease(p)).Select(p => p.Written).Order(StringComparer.Ordinal);
        return new PhotoUrl($"{string.Join('/', segments)}?{string.Join('&', kept)}", Expiry(lease));
    }

    static string AfterHost(string url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0 || !url[..scheme].All(char.IsAsciiLetterOrDigit)) return url;
        var host = url[(scheme + 3)..];
        var end = host.AsSpan().IndexOfAny('/', '?', '#');
        return end < 0 ? "" : host[end..];
    }

    static DateTimeOffset? Expiry(List<Parameter> lease) =>
        Signed(lease, "x-amz-") ?? Signed(lease, "x-goog-") ?? Unix(Value(lease, "expires")) ?? Timestamps.Parse(Value(lease, "se"));

    static DateTimeOffset? Signed(List<Parameter> lease, string prefix) =>
        DateTimeOffset.TryParseExact(
            Value(lease, prefix + "date"), "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var signedAt)
        && int.TryParse(Value(lease, prefix + "expires"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && signedAt.Year < 9000
            ? signedAt.AddSeconds(seconds)
            : null;

    // Ten digits: what is shorter or longer is another unit or another thing.
    static DateTimeOffset? Unix(string? value) =>
        value is { Length: 10 } && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    static string? Value(List<Parameter> parameters, string name) => parameters.Find(p => p.IsNamed(name))?.Value;

    sealed record Parameter(string Name, string Value, string Written)
    {
        public bool IsNamed(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);

        public static Parameter Read(string written)
        {
            var equals = written.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (written, "") : (written[..equals], written[(equals + 1)..]);
            return new Parameter(Uri.UnescapeDataString(name), Uri.UnescapeDataString(value), written);
        }
    }
}
