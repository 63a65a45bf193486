namespace ImagePipeline.Storage.Photos;

/// <summary>What is kept beside an object's bytes.</summary>
public sealed record ObjectFacts
{
    /// <summary>The longest <see cref="Record"/> in bytes: Amazon S3 allows 2 KB of metadata, its names included.</summary>
    public const int MaxRecordBytes = 2_000;

    /// <summary>
    /// The media type, such as <c>image/jpeg</c>. A file store keeps it only with a record; for other objects it tells it from the key's
    /// extension or the first bytes, and calls what it does not know <c>application/octet-stream</c>.
    /// </summary>
    public required string ContentType { get; init; }

    /// <summary>
    /// A record kept with the object, of printable ASCII that neither starts nor ends with a space, at most <see cref="MaxRecordBytes"/> bytes; null for most objects. A commit
    /// mark carries the whole outcome of its photo here, so that one look-up answers whether the photo is stored.
    /// </summary>
    public string? Record { get; init; }

    /// <summary>How many bytes the object has, where a store is asked for it; null when it cannot tell. Not given when an object is written.</summary>
    public long? Bytes { get; init; }

    /// <summary>Refuses a record that not every kind of store could keep.</summary>
    internal void EnsureStorable()
    {
        // A header, which is what it is on S3, loses the spaces around it.
        if (Record is { Length: 0 or > MaxRecordBytes } or [' ', ..] or [.., ' '] || Record is not null && Record.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            throw new ArgumentException($"A record must be printable ASCII of at most {MaxRecordBytes} bytes, without spaces around it.", nameof(Record));
    }
}
