using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>A named, hashed, ordered list of renditions. Every photo gets all of them.</summary>
public sealed class RenditionProfile
{
    /// <summary>Raised when the same settings give bytes that are so different that every rendition has to be made again.</summary>
    const int EngineVersion = 1;

    static readonly int[] DefaultWidths = [1600, 1024, 640, 320];

    /// <summary>The profile as configured.</summary>
    public RenditionProfile(ProfileOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Name = options.Name;
        Renditions = options.Renditions.Count > 0
            ? [.. options.Renditions]
            : [.. DefaultWidths.Select(width => new Rendition { Name = Invariant($"w{width}"), Width = width })];
        Hash = HashOf(Renditions);
    }

    /// <summary>The profile used where nothing is configured.</summary>
    public static RenditionProfile Default { get; } = new(new ProfileOptions());

    /// <summary>The configured name.</summary>
    public string Name { get; }

    /// <summary>The renditions in the order in which they are stored.</summary>
    public IReadOnlyList<Rendition> Renditions { get; }

    /// <summary>Eight hexadecimal digits that change when a rendition's bytes, name or place in the order would.</summary>
    public string Hash { get; }

    /// <summary>Name and hash as they stand in keys and messages: another hash means other keys, so nothing is ever overwritten.</summary>
    public string Key => $"{Name}-{Hash}";

    static string HashOf(IEnumerable<Rendition> renditions)
    {
        // Names and order count too: the last rendition's object carries the record that names all the others.
        var text = new StringBuilder(Invariant($"{EngineVersion}"));
        foreach (var rendition in renditions)
            text.Append(Invariant($";{rendition.Name},{rendition.Width},{rendition.Format},{rendition.Quality}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())), 0, 4);
    }

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
