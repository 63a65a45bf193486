using System.Text.Json.Serialization;

namespace ImagePipeline.Contracts;

/// <summary>One resized version of a photo.</summary>
public sealed record StoredRendition : StoredImage
{
    /// <summary>The rendition's name in its profile, such as <c>w640</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where the website finds it: in announcements and manifests, when a public base URL is configured; else absent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Url { get; init; }
}
