namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>What rendering found in an original and made of it.</summary>
public sealed record RenderedPhoto
{
    /// <summary>The original's width in pixels as shown, orientation applied.</summary>
    public required int Width { get; init; }

    /// <summary>The original's height in pixels as shown, orientation applied.</summary>
    public required int Height { get; init; }

    /// <summary>The original's media type, by its bytes.</summary>
    public required string ContentType { get; init; }

    /// <summary>The copyright notice in the original's metadata, on one line, at most 300 characters.</summary>
    public required string? Copyright { get; init; }

    /// <summary>Every rendition of the profile, in the profile's order.</summary>
    public required IReadOnlyList<RenderedImage> Renditions { get; init; }
}

/// <summary>One encoded rendition.</summary>
public sealed record RenderedImage
{
    /// <summary>The rendition's name in its profile.</summary>
    public required string Name { get; init; }

    /// <summary>Width in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Height in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>The media type of the bytes.</summary>
    public required string ContentType { get; init; }

    /// <summary>The file. Renditions of equal size, format and quality share the same bytes.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }
}
