using System.Text;
using ImagePipeline.Contracts;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>
/// A photo's URL, sent byte for byte as the feed wrote it. A signature may stand in the path (<c>token=…&amp;expires=…</c>) and is void after
/// any change, and <see cref="Uri"/> would rewrite <c>%7E</c> or <c>..</c>. With its canonicalization off it also sends fragments, empty
/// paths, spaces and line breaks as they are, so these are dealt with here; what no request line may hold is escaped, nothing else.
/// </summary>
static class PhotoUrl
{
    static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Reads a source URL.</summary>
    /// <exception cref="RejectedException">It is not an absolute http or https address, or carries a user name.</exception>
    public static Uri Parse(string written) =>
        TryRead(written, Encoding.UTF8)
        ?? throw new RejectedException(PhotoRejection.InvalidUrl, "The photo's URL is not an absolute http or https address without a user name.");

    /// <summary>Where a redirect from <paramref name="from"/> leads.</summary>
    /// <exception cref="RejectedException">To something else than http or https, or nowhere.</exception>
    public static Uri Follow(Uri from, string? location)
    {
        location = location?.Trim();
        if (string.IsNullOrEmpty(location))
            throw new RejectedException(PhotoRejection.TooManyRedirects, $"A redirect from {Shown(from)} leads nowhere.");
        if (Scheme(location) is { } scheme && scheme is not ("http" or "https"))
            throw new RejectedException(PhotoRejection.AddressRefused, $"A redirect from {Shown(from)} leads to a {scheme} address.");
        // A header arrives as Latin-1, one character per byte, whatever the vendor wrote into it.
        return TryRead(Absolute(from, location), Encoding.Latin1)
            ?? throw new RejectedException(PhotoRejection.TooManyRedirects, $"A redirect from {Shown(from)} leads to no valid address.");
    }

    /// <summary>What of a URL may be shown: scheme and host.</summary>
    public static string Shown(Uri url) => $"{url.Scheme}://{url.Host}";

    /// <summary>A host without what does not change its meaning, to compare it.</summary>
    public static string PlainHost(string host) => host.Trim('[', ']').TrimEnd('.').ToLowerInvariant();

    /// <summary>Whether the media headers meant for <paramref name="first"/>, a token perhaps, may go to <paramref name="next"/>: only to the
    /// same host and port, and not without TLS where the feed's URL had it.</summary>
    public static bool MayShareSecrets(Uri first, Uri next) =>
        next.IdnHost == first.IdnHost
        && (next.Port == first.Port || (next.IsDefaultPort && first.IsDefaultPort))
        && (next.Scheme == Uri.UriSchemeHttps || first.Scheme == Uri.UriSchemeHttp);

    static Uri? TryRead(string written, Encoding bytes)
    {
        var text = written.Trim();
        if (text.Any(c => c is < ' ' or '\x7F') || Scheme(text) is not ("http" or "https"))
            return null;
        if (text.IndexOf('#') is var fragment and >= 0)
            text = text[..fragment];
        var host = text.IndexOf("://", StringComparison.Ordinal) + 3;
        if (host < 3)
            return null;
        var path = text.AsSpan(host).IndexOfAny('/', '?') is var found and >= 0 ? host + found : text.Length;
        // A backslash or a user name could make another reader of this URL see another host.
        if (text.AsSpan(host, path - host).IndexOfAny('@', '\\') >= 0)
            return null;
        var slash = path < text.Length && text[path] == '/' ? "" : "/";
        return Uri.TryCreate($"{text[..path]}{slash}{Escape(text[path..], bytes)}", AsWritten, out var url) && url.Host.Length > 0 ? url : null;
    }

    static string Escape(string text, Encoding bytes)
    {
        if (!text.Any(MustBeEscaped))
            return text;
        var escaped = new StringBuilder(text.Length + 32);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii && rune.Value != ' ')
                escaped.Append((char)rune.Value);
            else
                foreach (var one in bytes.GetBytes(rune.ToString()))
                    escaped.Append('%').Append(one.ToString("X2", null));
        }
        return escaped.ToString();
    }

    static bool MustBeEscaped(char c) => c == ' ' || !char.IsAscii(c);

    static string? Scheme(string text)
    {
        var end = text.AsSpan().IndexOfAny(":/?#");
        return end > 0 && text[end] == ':' ? text[..end].ToLowerInvariant() : null;
    }

    // RFC 3986 section 5.2, by hand: Uri would canonicalize the result.
    static string Absolute(Uri from, string location)
    {
        if (Scheme(location) is not null)
            return location;
        if (location.StartsWith("//", StringComparison.Ordinal))
            return $"{from.Scheme}:{location}";
        var origin = $"{from.Scheme}://{from.Authority}";
        var fromPath = from.PathAndQuery.Split('?', 2)[0];
        if (location[0] is '?' or '#')
            return origin + fromPath + location;
        var end = location.AsSpan().IndexOfAny('?', '#') is var found and >= 0 ? found : location.Length;
        var path = location[0] == '/' ? location[..end] : fromPath[..(fromPath.LastIndexOf('/') + 1)] + location[..end];
        return origin + WithoutDots(path) + location[end..];
    }

    static string WithoutDots(string path)
    {
        var segments = path.Split('/');
        if (!segments.Any(segment => segment is "." or ".."))
            return path;
        var kept = new List<string>();
        foreach (var segment in segments)
        {
            if (segment == ".." && kept.Count > 1)
                kept.RemoveAt(kept.Count - 1);
            else if (segment is not ("." or ".."))
                kept.Add(segment);
        }
        if (segments[^1] is "." or "..")
            kept.Add("");
        return string.Join('/', kept);
    }
}
