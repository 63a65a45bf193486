namespace ImagePipeline.Storage.Photos;

/// <summary>Opens the store that the configuration names.</summary>
public static class PhotoStoreFactory
{
    const string Accepted =
        "It must be \"file:\" and a path, such as file:photos, file:/var/lib/photos or file:///var/lib/photos";

    /// <summary>
    /// The store at <see cref="PhotoStoreOptions.Url"/>. Nothing is touched yet: <see cref="IPhotoStore.CheckAsync"/> tells whether it can
    /// be used. Whoever opens it disposes it.
    /// </summary>
    /// <exception cref="StoreUnusableException">The URL is none that is known.</exception>
    public static IPhotoStore Open(PhotoStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new FilePhotoStore(FolderOf(options.Url ?? ""), options.Fsync);
    }

    // The URL is never repeated whole: of one for another kind of store, a password may be part.
    static string FolderOf(string url)
    {
        var colon = url.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            throw Refused("names no kind of store");
        if (!url.AsSpan(0, colon).Equals("file", StringComparison.OrdinalIgnoreCase))
            throw Refused($"names a kind of store that is not known, \"{url[..colon]}\"");

        var path = url[(colon + 1)..];
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
