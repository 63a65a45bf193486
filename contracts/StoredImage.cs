namespace ImagePipeline.Contracts;

/// <summary>One stored object that is a picture.</summary>
public record StoredImage
{
    /// <summary>The object's key in the store.</summary>
    public required string Key { get; init; }

    /// <summary>Width in pixels as shown, orientation applied.</summary>
    public required int Width { get; init; }

    /// <summary>Height in pixels as shown, orientation applied.</summary>
    public required int Height { get; init; }

    /// <summary>Size in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>The media type, such as <c>image/jpeg</c>.</summary>
    public required string ContentType { get; init; }
}
