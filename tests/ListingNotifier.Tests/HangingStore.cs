using ImagePipeline.Storage.Photos;

namespace ImagePipeline.ListingNotifier.Tests;

/// <summary>A store that hangs when the latest manifest is replaced, or an object deleted, for the first time after it was told to.</summary>
sealed class HangingStore(IPhotoStore store) : IPhotoStore
{
    readonly TaskCompletionSource _hanging = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _hangs = 1;

    /// <summary>Ends when somebody hangs.</summary>
    public Task Hanging => _hanging.Task;

    public void Release() => _released.SetResult();

    public async Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation)
    {
        await HangAsync(cancellation);
        await store.ReplaceAsync(key, bytes, facts, cancellation);
    }

    public async Task DeleteAsync(string key, CancellationToken cancellation)
    {
        await HangAsync(cancellation);
        await store.DeleteAsync(key, cancellation);
    }

    public Task<ObjectFacts?> FindAsync(string key, CancellationToken cancellation) => store.FindAsync(key, cancellation);

    public Task<byte[]?> ReadAsync(string key, CancellationToken cancellation) => store.ReadAsync(key, cancellation);

    public Task<bool> WriteOnceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation) =>
        store.WriteOnceAsync(key, bytes, facts, cancellation);

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => store.ListAsync(prefix, cancellation);

    public Task CheckAsync(CancellationToken cancellation) => store.CheckAsync(cancellation);

    async Task HangAsync(CancellationToken cancellation)
    {
        if (Interlocked.Decrement(ref _hangs) != 0)
            return;
        _hanging.SetResult();
        await _released.Task.WaitAsync(cancellation);
    }
}
