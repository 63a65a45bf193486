namespace ImagePipeline.Storage.Photos;

/// <summary>Opens the store that the configuration names.</summary>
public static class PhotoStoreFactory
{
    const string Accepted =
        "It must be \"file:\" and a path, such as file:photos, file:/var/lib/photos or file:///var/lib/photos, or \"s3://\", a bucket and maybe a prefix, such as "
        + "s3://bucket or s3://bucket/photos";

    /// <summary>
    /// The store at <see cref="PhotoStoreOptions.Url"/>. Nothing is touched yet: <see cref="IPhotoStore.CheckAsync"/> tells whether it can
    /// be used. Whoever opens it disposes it.
    /// </summary>
    /// <exception cref="StoreUnusableException">The URL is none that is known, or not all is known that its kind of store needs.</exception>
    public static IPhotoStore Open(PhotoStoreOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var url = options.Url ?? "";
        // The URL is never repeated whole: of one for another kind of store, a password may be part.
        var colon = url.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            throw Refused("names no kind of store");
        var rest = url[(colon + 1)..];
        return url[..colon].ToLowerInvariant() switch
        {
            "file" => new FilePhotoStore(FolderOf(rest), options.Fsync),
            "s3" => new S3PhotoStore(S3Address.TryParse(rest, out var cause) ?? throw Refused(cause), options, time ?? TimeProvider.System),
            _ => throw Refused($"names a kind of store that is not known, \"{url[..colon]}\""),
        };
    }

    static string FolderOf(string path)
    {
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            if (!path.StartsWith("///", StringComparison.Ordinal))
                throw Refused("names a host, and a file store is on this machine");
            path = path[2..];
        }
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal))
            throw Refused("names no folder");
        return Path.GetFullPath(path);
    }

    static StoreUnusableException Refused(string cause) =>
        new($"The setting Store:Url (environment variable Store__Url) {cause}. {Accepted}.");
}
