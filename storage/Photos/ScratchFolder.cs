using System.Collections.Concurrent;

namespace ImagePipeline.Storage.Photos;

/// <summary>
/// Where one process writes what no reader may see yet: <c>.tmp/writers/{unique}/</c> in the store. The process holds a lock there as long as it
/// lives. A folder whose lock is free belongs to a process that is dead, and the next process to start removes it.
/// </summary>
sealed class ScratchFolder : IDisposable
{
    const string OwnerLock = "owner.lock";
    const string Unfinished = ".key";

    readonly string _folder;
    readonly IDisposable _owner;
    readonly ConcurrentBag<string> _notes = [];
    int _files;

    ScratchFolder(string folder, IDisposable owner) => (_folder, _owner) = (folder, owner);

    /// <summary>
    /// Makes a folder for this process under <paramref name="folder"/>, and removes those of dead ones after
    /// <paramref name="mend"/> was given each key they had not finished with.
    /// </summary>
    public static async Task<ScratchFolder> OpenAsync(string folder, Func<string, CancellationToken, Task> mend, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var start = Path.Combine(folder, "start.lock");
        // Whoever looks for the dead must not find a folder whose owner has not locked it yet.
        using var alone = await FileLock.TakeAsync(start, cancellation);
        if (LocksHold(start))
        {
            foreach (var other in Directory.EnumerateDirectories(folder))
                await SweepAsync(other, mend, cancellation);
        }
        var mine = Directory.CreateDirectory(Path.Combine(folder, Guid.NewGuid().ToString("N"))).FullName;
        var owner = await FileLock.TakeAsync(Path.Combine(mine, OwnerLock), cancellation);
        return new ScratchFolder(mine, owner);
    }

    /// <summary>Whether it still exists.</summary>
    public bool IsThere => Directory.Exists(_folder);

    /// <summary>Writes a file that is removed when disposed, unless it was moved into place before.</summary>
    public async Task<Draft> WriteAsync(ReadOnlyMemory<byte> bytes, bool flush, CancellationToken cancellation)
    {
        var draft = Next("");
        try
        {
            using var file = File.OpenHandle(draft.Path, FileMode.CreateNew, FileAccess.Write);
            await RandomAccess.WriteAsync(file, bytes, 0, cancellation);
            if (flush)
                RandomAccess.FlushToDisk(file);
            return draft;
        }
        catch
        {
            draft.Dispose();
            throw;
        }
    }

    /// <summary>Notes that the two files of <paramref name="key"/> are being changed, until disposed: who dies before is mended after.</summary>
    public IDisposable Note(string key)
    {
        // Written over and over: making and deleting a file for each photo costs ext4 more than all else about the note.
        var path = _notes.TryTake(out var used) ? used : Next(Unfinished).Path;
        File.WriteAllText(path, key);
        return new WrittenNote(_notes, path);
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // A neighbour that starts right now may be looking into it; with the lock gone, the next start removes it.
        }
        _owner.Dispose();
    }

    Draft Next(string extension) => new(Path.Combine(_folder, Interlocked.Increment(ref _files) + extension));

    static async Task SweepAsync(string folder, Func<string, CancellationToken, Task> mend, CancellationToken cancellation)
    {
        try
        {
            using var owner = FileLock.TryTake(Path.Combine(folder, OwnerLock));
            if (owner is null)
                return;
            foreach (var note in Directory.EnumerateFiles(folder, "*" + Unfinished))
                await mend(await File.ReadAllTextAsync(note, cancellation), cancellation);
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Its owner was not dead but closing, and has removed it.
        }
    }

    /// <summary>A note in force; disposing empties it and leaves it for the next.</summary>
    sealed class WrittenNote(ConcurrentBag<string> notes, string path) : IDisposable
    {
        public void Dispose()
        {
            using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write))
                RandomAccess.SetLength(file, 0);
            notes.Add(path);
        }
    }

    // Some network file systems grant every lock. There, who is dead cannot be told, and nothing is removed.
    static bool LocksHold(string heldHere)
    {
        using var second = FileLock.TryTake(heldHere);
        return second is null;
    }
}

/// <summary>A file on its way into the store; disposing removes it if it is still where it was written.</summary>
sealed class Draft(string path) : IDisposable
{
    public string Path { get; } = path;

    public void Dispose() => File.Delete(Path);
}
