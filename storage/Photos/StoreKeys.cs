using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ImagePipeline.Storage.Photos;

/// <summary>
/// Where everything is kept. No order, address or vendor token is part of a key. A key is made of parts joined by slashes; what a feed
/// says is escaped part by part, so that different inputs have different keys and any key is a legal path and a legal object name.
/// </summary>
public static class StoreKeys
{
    /// <summary>The longest part in bytes: a file name may have 255, and the file store adds 6 of its own.</summary>
    public const int MaxPartBytes = 200;

    const int HashDigits = 32;

    static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~");

    static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    // The usual UTF-8 puts U+FFFD in place of half a surrogate pair, and two such keys would be one.
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The bytes of a photo's version as they were served.</summary>
    public static string Original(string feed, string listingKey, string mediaKey, string version) =>
        OriginalsOf(feed, listingKey) + Join(mediaKey, version);

    /// <summary>One resized version; <paramref name="profileAndHash"/> is the profile's name, a dash and the hash of its content.</summary>
    public static string Rendition(
        string feed, string listingKey, string mediaKey, string version, string profileAndHash, string name, string extension) =>
        RenditionsOf(feed, listingKey) + Join(mediaKey, version, profileAndHash, $"{name}.{extension}");

    /// <summary>What the keys of all renditions of a photo's version start with, in whatever profile.</summary>
    public static string RenditionsOf(string feed, string listingKey, string mediaKey, string version) =>
        RenditionsOf(feed, listingKey) + Join(mediaKey, version) + "/";

    /// <summary>What one announcement of a listing said.</summary>
    public static string Manifest(string feed, string listingKey, long announcement) =>
        ManifestsOf(feed, listingKey) + announcement.ToString(CultureInfo.InvariantCulture) + ".json";

    /// <summary>What the latest announcement of a listing said: the only key whose object is ever replaced.</summary>
    public static string LatestManifest(string feed, string listingKey) => ManifestsOf(feed, listingKey) + "latest.json";

    /// <summary>What the keys of all originals of a listing start with.</summary>
    public static string OriginalsOf(string feed, string listingKey) => $"originals/{Join(feed, listingKey)}/";

    /// <summary>What the keys of all renditions of a listing start with.</summary>
    public static string RenditionsOf(string feed, string listingKey) => $"renditions/{Join(feed, listingKey)}/";

    /// <summary>What the keys of all manifests of a listing start with.</summary>
    public static string ManifestsOf(string feed, string listingKey) => $"manifests/{Join(feed, listingKey)}/";

    /// <summary>
    /// Whether <paramref name="key"/> could have been made here: parts of <c>A-Z a-z 0-9 - _ . ~ %</c> that do not start with a dot, so
    /// that no key leads out of the store or to a file of the store's own.
    /// </summary>
    public static bool IsKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        foreach (var part in key.AsSpan().Split('/'))
        {
            var text = key.AsSpan(part);
            if (text is "" || text[0] == '.' || text.Length > MaxPartBytes)
                return false;
            foreach (var c in text)
            {
                if (c != '%' && !Plain.Contains(c))
                    return false;
            }
        }
        return true;
    }

    /// <summary>The key as the path of a URL: of what a key is made of, only <c>%</c> means something there.</summary>
    public static string UrlPath(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Replace("%", "%25", StringComparison.Ordinal);
    }

    /// <summary>Refuses what is not a whole number of parts ending in a slash, or empty.</summary>
    internal static void EnsurePrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length > 0 && !(prefix[^1] == '/' && IsKey(prefix[..^1])))
            throw new ArgumentException($"Not a whole number of parts ending in a slash: \"{prefix}\".", nameof(prefix));
    }

    static string Join(params ReadOnlySpan<string> parts)
    {
        var key = new StringBuilder();
        foreach (var part in parts)
        {
            if (key.Length > 0)
                key.Append('/');
            key.Append(Escape(part));
        }
        return key.ToString();
    }

    static string Escape(string part)
    {
        ArgumentException.ThrowIfNullOrEmpty(part);
        var utf8 = Utf8.GetBytes(part);
        var escaped = new StringBuilder(part.Length);
        var leading = true;
        foreach (var b in utf8)
        {
            leading &= b == '.';
            if (Plain.Contains((char)b) && !leading)
                escaped.Append((char)b);
            else
                escaped.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }
        var text = escaped.ToString();
        return text.Length > MaxPartBytes || LooksShortened(text) ? Shorten(text, utf8) : text;
    }

    static string Shorten(string escaped, byte[] utf8)
    {
        var end = Math.Min(escaped.Length, MaxPartBytes - 1 - HashDigits);
        var escape = escaped.LastIndexOf('%', end - 1);
        if (escape > end - 3)
            end = escape;
        return $"{escaped.AsSpan(0, end)}~{Convert.ToHexStringLower(SHA256.HashData(utf8).AsSpan(0, HashDigits / 2))}";
    }

    // A part that ends as a shortened one does is shortened too, whatever its length: only so can no part pass for another's short form.
    static bool LooksShortened(string text) =>
        text.Length > HashDigits && text[^(HashDigits + 1)] == '~'
        && !text.AsSpan(text.Length - HashDigits).ContainsAnyExcept(Hex);
}
