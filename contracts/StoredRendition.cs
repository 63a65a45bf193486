namespace ImagePipeline.Contracts;

/// <summary>One resized version of a photo.</summary>
public sealed record StoredRendition : StoredImage
{
    /// <summary>The rendition's name in its profile, such as <c>w640</c>.</summary>
    public required string Name { get; init; }
}
