namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>The formats in which renditions can be made.</summary>
public enum RenditionFormat
{
    /// <summary>Baseline JPEG, 4:2:0 below quality 90.</summary>
    Jpeg,

    /// <summary>Lossy WebP.</summary>
    WebP,
}

/// <summary>One resized version as a profile asks for it.</summary>
public sealed record Rendition
{
    /// <summary>The name in keys and messages, such as <c>w640</c>: lower-case letters, digits and hyphens.</summary>
    public string Name { get; init; } = "";

    /// <summary>Width as shown, in pixels; height follows from the original's aspect. A narrower original keeps its own size.</summary>
    /// <value>16 to 16,383 pixels, the widest picture that WebP can hold.</value>
    public int Width { get; init; }

    /// <summary>The format of the file.</summary>
    /// <value>Default <see cref="RenditionFormat.Jpeg"/>.</value>
    public RenditionFormat Format { get; init; } = RenditionFormat.Jpeg;

    /// <summary>The encoder's quality.</summary>
    /// <value>Default 80; 1 to 100.</value>
    public int Quality { get; init; } = 80;

    /// <summary>The media type of the file.</summary>
    public string ContentType => Format == RenditionFormat.WebP ? "image/webp" : "image/jpeg";

    /// <summary>What the file's name ends in, without the dot.</summary>
    public string Extension => Format == RenditionFormat.WebP ? "webp" : "jpg";
}
