using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>The version of a photo: another one exactly when its bytes are other ones, as far as the feed lets that be known.</summary>
static class PhotoVersion
{
    /// <summary>
    /// The time at which the feed says the bytes changed; without it, a hash of what in the URL identifies them and of the size in pixels. A feed
    /// that gives no time and puts new bytes under an unchanged URL cannot be followed by anyone.
    /// </summary>
    public static string Of(DateTimeOffset? modifiedAt, PhotoUrl url, int? width, int? height) =>
        modifiedAt is { } time ? Written(time) : "h-" + Hash($"{url.Identity}\n{width}x{height}");

    /// <summary>16 hexadecimal digits: 64 bits, of which the few versions of one photo need no more.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));

    static string Written(DateTimeOffset time) => time.UtcDateTime.ToString(
        time.Ticks % TimeSpan.TicksPerMillisecond == 0 ? "yyyyMMdd'T'HHmmssfff'Z'" : "yyyyMMdd'T'HHmmssfffffff'Z'", CultureInfo.InvariantCulture);
}
