using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ImagePipeline.Contracts;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>A feed id for a source that was given without one.</summary>
public static class FeedName
{
    const int MaxLength = 50;
    const int HashDigits = 8;

    /// <summary>
    /// A file's name without its extension, or a URL's host and path, in the letters of a feed id. The same source gives the same id. Port, query
    /// and user are left out: they change or hold secrets.
    /// </summary>
    public static string From(string pathOrUrl)
    {
        var slug = Slug(SourceUrl.TryParse(pathOrUrl, out var url) ? $"{url.Host} {Uri.UnescapeDataString(url.AbsolutePath)}" : FileName(pathOrUrl));

        if (slug.Length == 0) return "feed";
        // A slug of the right length that is no id is one of the words that name other queues.
        if (slug.Length <= MaxLength) return FeedId.IsValid(slug) ? slug : $"{slug}-feed";
        // Long URLs differ at the end, so a cut alone would give two sources one id.
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(slug)))[..HashDigits];
        return string.Create(CultureInfo.InvariantCulture, $"{slug[..(MaxLength - HashDigits - 1)].TrimEnd('-')}-{hash}");
    }

    static string FileName(string path)
    {
        var name = path.TrimEnd('/', '\\');
        name = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var dot = name.LastIndexOf('.');
        return dot > 0 ? name[..dot] : name;
    }

    static string Slug(string text)
    {
        var slug = new StringBuilder(text.Length);
        foreach (var c in text.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c)) slug.Append(c);
            else if (slug.Length > 0 && slug[^1] != '-') slug.Append('-');
        }
        return slug.ToString().TrimEnd('-');
    }
}
