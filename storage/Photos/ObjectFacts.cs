namespace ImagePipeline.Storage.Photos;

/// <summary>What is kept beside an object's bytes.</summary>
public sealed record ObjectFacts
{
    /// <summary>The media type, such as <c>image/jpeg</c>.</summary>
    public required string ContentType { get; init; }

    /// <summary>
    /// A record kept with the object, under 2,000 bytes of ASCII (Amazon S3 allows 2 KB of metadata); null for most objects. A commit
    /// mark carries the whole outcome of its photo here, so that one look-up answers whether the photo is stored.
    /// </summary>
    public string? Record { get; init; }
}
