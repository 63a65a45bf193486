using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>Which renditions are made, as configured under <c>PhotoWorker:Profile</c>.</summary>
public sealed partial class ProfileOptions : IValidatableObject
{
    /// <summary>The section's name.</summary>
    public const string Section = "PhotoWorker:Profile";

    const int MaxRenditions = 16;

    /// <summary>The profile's name, part of every rendition's key.</summary>
    /// <value>Default <c>web</c>; lower-case letters, digits and hyphens, at most 40.</value>
    public string Name { get; set; } = "web";

    /// <summary>The renditions in the order in which they are stored; at most 16.</summary>
    /// <value>Default: none configured, which means JPEG at 1600, 1024, 640 and 320 pixels, quality 80. (Not listed here, because
    /// configuration would be added to the default instead of replacing it.)</value>
    public List<Rendition> Renditions { get; set; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!KeyPart().IsMatch(Name))
            yield return Bad("Name", $"is '{Name}'; it takes 1 to 40 lower-case letters, digits and hyphens");
        if (Renditions.Count > MaxRenditions)
            yield return Bad("Renditions", $"has {Renditions.Count} entries; it takes at most {MaxRenditions}");

        for (var i = 0; i < Renditions.Count; i++)
        {
            var (rendition, here) = (Renditions[i], $"Renditions:{i}");
            if (!KeyPart().IsMatch(rendition.Name))
                yield return Bad($"{here}:Name", $"is '{rendition.Name}'; it takes 1 to 40 lower-case letters, digits and hyphens");
            if (Renditions.FindIndex(other => other.Name == rendition.Name) < i)
                yield return Bad($"{here}:Name", $"is '{rendition.Name}', which another rendition has already");
            if (rendition.Width is < 16 or > 16_383)
                yield return Bad($"{here}:Width", $"is {rendition.Width}; it takes 16 to 16383 pixels");
            if (rendition.Quality is < 1 or > 100)
                yield return Bad($"{here}:Quality", $"is {rendition.Quality}; it takes 1 to 100");
            if (!Enum.IsDefined(rendition.Format))
                yield return Bad($"{here}:Format", $"is {rendition.Format}; it takes Jpeg or WebP");
        }
    }

    static ValidationResult Bad(string setting, string why)
    {
        var path = $"{Section}:{setting}";
        return new ValidationResult($"{path} (environment variable {path.Replace(":", "__", StringComparison.Ordinal)}) {why}.", [setting]);
    }

    [GeneratedRegex(@"\A[a-z0-9-]{1,40}\z")]
    private static partial Regex KeyPart();
}
