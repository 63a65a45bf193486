using System.Diagnostics.CodeAnalysis;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>URLs of listings: sent as they were written, shown without anything that may be secret.</summary>
static class SourceUrl
{
    /// <summary>Whether <paramref name="text"/> is an absolute http or https URL.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? url)
    {
        // Uri rewrites what it finds unusual (%7E, dot segments), and a skip token may not survive that. Unchanged it can only be sent when it
        // needs no escaping at all and has a path.
        var sendable = HasPath(text) && text.All(c => c is > ' ' and < '\x7f' and not '#' and not '\\');
        return Uri.TryCreate(text, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = sendable }, out url) && IsWeb(url);
    }

    /// <summary>Follows a link as OData writes it: absolute, or relative to the page it stands in.</summary>
    public static bool TryFollow(Uri page, string link, [NotNullWhen(true)] out Uri? url) =>
        TryParse(link, out url) || (Uri.TryCreate(page, link, out url) && IsWeb(url));

    /// <summary>Scheme, host and, where it is not the usual one, port. Paths and queries may hold tokens and are not shown.</summary>
    public static string Shown(Uri url) => $"{url.Scheme}://{url.Authority}";

    /// <summary>Whether both go to the same scheme, host and port, so that one's headers may be sent to the other.</summary>
    public static bool SameOrigin(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && string.Equals(one.Host, other.Host, StringComparison.OrdinalIgnoreCase);

    static bool HasPath(string text)
    {
        var host = text.IndexOf("://", StringComparison.Ordinal) + 3;
        return host > 2 && text.AsSpan(host).IndexOfAny('/', '?') is >= 0 and var end && text[host + end] == '/';
    }

    static bool IsWeb(Uri url) => url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps;
}
