using ImagePipeline.Contracts;
using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;

namespace ImagePipeline.PhotoWorker.Tests;

/// <summary>A store that passes everything on; what derives from it says what it does differently.</summary>
abstract class PassingPhotoStore(IPhotoStore store) : IPhotoStore, IDisposable
{
    public virtual Task<bool> WriteOnceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation) =>
        store.WriteOnceAsync(key, bytes, facts, cancellation);

    public virtual Task DeleteAsync(string key, CancellationToken cancellation) => store.DeleteAsync(key, cancellation);

    public Task<ObjectFacts?> FindAsync(string key, CancellationToken cancellation) => store.FindAsync(key, cancellation);

    public Task<byte[]?> ReadAsync(string key, CancellationToken cancellation) => store.ReadAsync(key, cancellation);

    public Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation) =>
        store.ReplaceAsync(key, bytes, facts, cancellation);

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => store.ListAsync(prefix, cancellation);

    public Task CheckAsync(CancellationToken cancellation) => store.CheckAsync(cancellation);

    public void Dispose() => (store as IDisposable)?.Dispose();
}

/// <summary>Throws at the writes whose numbers it was given, counted from 1.</summary>
sealed class ThrowingPhotoStore(IPhotoStore store) : PassingPhotoStore(store)
{
    public const string Message = "The disk is full.";

    int _writes;

    public HashSet<int> FailingWrites { get; init; } = [];

    public override Task<bool> WriteOnceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation) =>
        FailingWrites.Remove(Interlocked.Increment(ref _writes))
            ? throw new IOException(Message)
            : base.WriteOnceAsync(key, bytes, facts, cancellation);
}

/// <summary>Another process keeps its own original just before each of ours.</summary>
sealed class AnotherKeepsFirstPhotoStore(IPhotoStore store, byte[] theirs) : PassingPhotoStore(store)
{
    public override async Task<bool> WriteOnceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation)
    {
        if (key.StartsWith("originals/", StringComparison.Ordinal))
            await base.WriteOnceAsync(key, theirs, facts, cancellation);
        return await base.WriteOnceAsync(key, bytes, facts, cancellation);
    }
}

/// <summary>Deletes nothing before a rejection was heard: whoever deletes first and tells then waits in vain.</summary>
sealed class DeletingOnceToldPhotoStore(IPhotoStore store, Heard heard, TaskCompletionSource deleted) : PassingPhotoStore(store)
{
    public override async Task DeleteAsync(string key, CancellationToken cancellation)
    {
        await heard.FirstAsync<PhotoRejected>();
        await base.DeleteAsync(key, cancellation);
        deleted.TrySetResult();
    }
}
