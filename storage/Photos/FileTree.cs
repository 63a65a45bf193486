namespace ImagePipeline.Storage.Photos;

/// <summary>
/// Folders and files that others create and remove at the same time: a folder lives as long as there is something in it, so it may go
/// between any two steps.
/// </summary>
static class FileTree
{
    // Each further try needs a neighbour to have emptied and removed the folder in between; a hundred in a row is no neighbour.
    const int MaxTries = 100;

    const int AlreadyExists = 17; // EEXIST

    /// <summary>Makes the folder of <paramref name="path"/>, unless <paramref name="mayMake"/> throws, and moves a file into it, again if the folder went
    /// away meanwhile.</summary>
    public static bool InFolderOf(string path, Action mayMake, Func<bool> move)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                mayMake();
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                return move();
            }
            catch (IOException error) when (tries < MaxTries && WentAway(error))
            {
                // Somebody removed the empty folder: it is made again.
            }
        }
    }

    /// <summary>Moves a file in place of whatever is there; true, so that it can be handed to <see cref="InFolderOf"/>.</summary>
    public static bool Move(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        return true;
    }

    /// <summary>The bytes of a file; null when there is none.</summary>
    public static async Task<byte[]?> TryReadAsync(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return await File.ReadAllBytesAsync(path, cancellation);
        }
        catch (IOException error) when (error is DirectoryNotFoundException or FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Up to <paramref name="count"/> first bytes of a file; none when there is no file.</summary>
    public static async Task<byte[]> HeadAsync(string path, int count, CancellationToken cancellation)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var head = new byte[count];
            return head[..await RandomAccess.ReadAsync(file, head, 0, cancellation)];
        }
        catch (IOException error) when (error is DirectoryNotFoundException or FileNotFoundException)
        {
            return [];
        }
    }

    /// <summary>How many bytes a file has; null when there is none.</summary>
    public static long? Length(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : null;
    }

    /// <summary>Deletes a file if it is there.</summary>
    public static void Delete(string path)
    {
        if (File.Exists(path))
            File.Delete(path);
    }

    /// <summary>What is in a folder and can be part of a key, so none of the store's own files; nothing when there is no folder.</summary>
    public static List<FileSystemInfo> Entries(string folder)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(entry => StoreKeys.IsKey(entry.Name))];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>Removes the folder of <paramref name="path"/> and those above it, below <paramref name="root"/>, while they are empty.</summary>
    public static void RemoveEmptyFolders(string root, string path)
    {
        try
        {
            for (var folder = Path.GetDirectoryName(path)!; folder.Length > root.Length; folder = Path.GetDirectoryName(folder)!)
            {
                if (Directory.EnumerateFileSystemEntries(folder).Any())
                    return;
                Directory.Delete(folder);
            }
        }
        catch (IOException)
        {
            // A neighbour has put something into it or has removed it; either way it is no longer ours to remove.
        }
    }

    /// <summary>Puts the names of <paramref name="path"/> and of the folders above it, up to <paramref name="root"/>, on the disk.</summary>
    public static void Flush(string root, string path)
    {
        for (var folder = Path.GetDirectoryName(path)!; folder.Length >= root.Length; folder = Path.GetDirectoryName(folder)!)
            Posix.FlushFolder(folder);
    }

    /// <summary>Makes a folder.</summary>
    /// <exception cref="IOException">It cannot be made; the message names a file that is in its way.</exception>
    public static void EnsureFolder(string path)
    {
        for (var above = path; above is not null; above = Path.GetDirectoryName(above))
        {
            if (File.Exists(above))
                throw new IOException($"{above} is a file, not a folder");
        }
        Directory.CreateDirectory(path);
    }

    // To make a folder that is there when it is made and gone when that is looked at ends in "already exists", too.
    static bool WentAway(IOException error) =>
        error is DirectoryNotFoundException or FileNotFoundException || error.HResult == AlreadyExists;
}
