using System.Runtime.CompilerServices;
using System.Text;

namespace ImagePipeline.Storage.Photos;

/// <summary>
/// A photo store in a folder: the key is the path. Each object is written out of sight and then put in place in one step. One with a
/// record has its facts in a file beside it, <c>.{name}.meta</c>, which is in place before the object is. No part of a key starts with a
/// dot; every name that does is the store's own. A file system that ignores case is not suited: it would take two keys for one.
/// </summary>
/// <param name="folder">The store's folder; made when it is first needed.</param>
/// <param name="fsync">See <see cref="PhotoStoreOptions.Fsync"/>.</param>
public sealed class FilePhotoStore(string folder, bool fsync = false) : IPhotoStore, IDisposable
{
    readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
    readonly SemaphoreSlim _opening = new(1, 1);

    // Both made by the first write: a process that only reads leaves no trace.
    volatile KeyLocks? _locks;
    volatile ScratchFolder? _scratch;

    // What stands in the store's own .store file: tells this store from the empty folder that a lost mount leaves behind.
    string? _id;

    /// <inheritdoc/>
    public async Task<ObjectFacts?> FindAsync(string key, CancellationToken cancellation)
    {
        var path = PathOf(key);
        while (File.Exists(path))
        {
            if (await FactsFile.TryReadAsync(path, cancellation) is { } facts)
                return facts with { Bytes = FileTree.Length(path) };
            var type = MediaTypes.OfExtension(key) ?? MediaTypes.OfBytes(await FileTree.HeadAsync(path, MediaTypes.HeadBytes, cancellation));
            // Facts come before their object and go after it: an object that is there now has none, or they came since.
            if (File.Exists(path) && !File.Exists(FactsFile.Of(path)))
                return new ObjectFacts { ContentType = type, Bytes = FileTree.Length(path) };
        }
        EnsureThere();
        return null;
    }

    /// <inheritdoc/>
    public async Task<byte[]?> ReadAsync(string key, CancellationToken cancellation)
    {
        if (await FileTree.TryReadAsync(PathOf(key), cancellation) is { } bytes)
            return bytes;
        EnsureThere();
        return null;
    }

    /// <inheritdoc/>
    public async Task<bool> WriteOnceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(facts);
        facts.EnsureStorable();
        var path = PathOf(key);
        if (File.Exists(path))
            return false;
        var (scratch, locks) = await OpenAsync(cancellation);
        using var draft = await scratch.WriteAsync(bytes, fsync, cancellation);
        if (facts.Record is null)
            return PutInPlace(path, () => Posix.TryMoveOnce(draft.Path, path));

        using var factsDraft = await scratch.WriteAsync(FactsFile.Write(facts), fsync, cancellation);
        using var note = scratch.Note(key);
        using var alone = await locks.TakeAsync(key, cancellation);
        if (File.Exists(path))
            return false;
        var written = false;
        try
        {
            PutInPlace(path, () => FileTree.Move(factsDraft.Path, FactsFile.Of(path)));
            return written = PutInPlace(path, () => Posix.TryMoveOnce(draft.Path, path));
        }
        finally
        {
            if (!written)
                FileTree.Delete(FactsFile.Of(path));
        }
    }

    /// <inheritdoc/>
    public async Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (facts.Record is not null)
            throw new ArgumentException("An object that is replaced has no record.", nameof(facts));
        var path = PathOf(key);
        var (scratch, locks) = await OpenAsync(cancellation);
        using var draft = await scratch.WriteAsync(bytes, fsync, cancellation);
        using var alone = await locks.TakeAsync(key, cancellation);
        FileTree.Delete(FactsFile.Of(path));
        PutInPlace(path, () => FileTree.Move(draft.Path, path));
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string key, CancellationToken cancellation)
    {
        var path = PathOf(key);
        if (!File.Exists(path) && !File.Exists(FactsFile.Of(path)))
        {
            EnsureThere();
            return;
        }
        var (scratch, locks) = await OpenAsync(cancellation);
        using var note = scratch.Note(key);
        using var alone = await locks.TakeAsync(key, cancellation);
        FileTree.Delete(path);
        FileTree.Delete(FactsFile.Of(path));
        FileTree.RemoveEmptyFolders(_root, path);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        StoreKeys.EnsurePrefix(prefix);
        EnsureThere();

        var left = new Stack<string>([prefix]);
        while (left.TryPop(out var parts))
        {
            // One folder at a time, off the caller's thread: a store holds millions of files.
            foreach (var entry in await Task.Run(() => FileTree.Entries(Path.Combine(_root, parts)), cancellation))
            {
                if (entry is DirectoryInfo)
                    left.Push($"{parts}{entry.Name}/");
                else
                    yield return parts + entry.Name;
            }
        }
    }

    /// <inheritdoc/>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        try
        {
            if (_scratch is null)
                FileTree.EnsureFolder(_root);
            var (scratch, _) = await OpenAsync(cancellation);
            var bytes = Guid.NewGuid().ToByteArray();
            using var draft = await scratch.WriteAsync(bytes, fsync, cancellation);
            using var placed = new Draft(draft.Path + ".placed");
            Posix.TryMoveOnce(draft.Path, placed.Path);
            if (await FileTree.TryReadAsync(placed.Path, cancellation) is not { } read || !read.SequenceEqual(bytes))
                throw new IOException("what was written there reads back differently");
            Directory.CreateDirectory(Path.Combine(_root, $".check-{Guid.NewGuid():N}")).Delete();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnusableException(
                $"The photo store {_root} (setting Store:Url, environment variable Store__Url) cannot be used: {CauseOf(error)}.", error);
        }
    }

    /// <summary>Removes this process's temporary files.</summary>
    public void Dispose()
    {
        _scratch?.Dispose();
        _locks?.Dispose();
        _opening.Dispose();
    }

    async Task<(ScratchFolder, KeyLocks)> OpenAsync(CancellationToken cancellation)
    {
        if (_scratch is { IsThere: true } ready)
            return (ready, _locks!);
        await _opening.WaitAsync(cancellation);
        try
        {
            if (_scratch is { IsThere: true } meanwhile)
                return (meanwhile, _locks!);
            EnsureThere();
            var own = Path.Combine(_root, ".tmp");
            _locks ??= new KeyLocks(Path.Combine(own, "locks"));
            _locks.MakeFolder();
            var scratch = await ScratchFolder.OpenAsync(Path.Combine(own, "writers"), MendAsync, cancellation);
            _id ??= await NameAsync(scratch, cancellation);
            _scratch?.Dispose();
            _scratch = scratch;
            return (scratch, _locks);
        }
        finally
        {
            _opening.Release();
        }
    }

    async Task<string> NameAsync(ScratchFolder scratch, CancellationToken cancellation)
    {
        using var draft = await scratch.WriteAsync(Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N")), fsync, cancellation);
        Posix.TryMoveOnce(draft.Path, IdFile);
        return await File.ReadAllTextAsync(IdFile, cancellation);
    }

    string IdFile => Path.Combine(_root, ".store");

    // A store that was there and is gone is not made anew: what is written in its place nobody finds later, and what is missing there was not deleted.
    void EnsureThere()
    {
        if (_scratch is null or { IsThere: true })
            return;
        if (!File.Exists(IdFile) || File.ReadAllText(IdFile) != _id)
            throw new IOException($"what is at {_root} now is not the store that was there before");
    }

    // Facts without an object are what a writer leaves that was killed between the two.
    async Task MendAsync(string key, CancellationToken cancellation)
    {
        // The note itself may have been cut short; then nothing had been changed yet.
        if (!StoreKeys.IsKey(key))
            return;
        var path = PathOf(key);
        using var alone = await _locks!.TakeAsync(key, cancellation);
        if (!File.Exists(path))
            FileTree.Delete(FactsFile.Of(path));
        FileTree.RemoveEmptyFolders(_root, path);
    }

    bool PutInPlace(string path, Func<bool> move)
    {
        var moved = FileTree.InFolderOf(path, () =>
        {
            if (_scratch is { IsThere: false })
                throw new IOException($"The store at {_root} went away.");
        }, move);
        if (moved && fsync)
            FileTree.Flush(_root, path);
        return moved;
    }

    string PathOf(string key) => StoreKeys.IsKey(key)
        ? Path.Combine(_root, key)
        : throw new ArgumentException($"Not a key of the photo store: \"{key}\".", nameof(key));

    static string CauseOf(Exception error) => error switch
    {
        UnauthorizedAccessException => "this user may not write there",
        { HResult: 30 } => "its file system is read-only", // EROFS
        { HResult: 28 } => "its disk is full", // ENOSPC
        _ => error.Message.TrimEnd('.'),
    };
}
