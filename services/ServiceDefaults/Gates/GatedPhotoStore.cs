using System.Runtime.CompilerServices;
using ImagePipeline.Storage.Photos;

namespace ImagePipeline.ServiceDefaults;

/// <summary>
/// A photo store behind its gate: what cannot be stored because the store is gone, full, read-only or throttled waits here, with its bytes, and is tried again.
/// What is wrong with one object alone is thrown as ever.
/// </summary>
sealed class GatedPhotoStore(IPhotoStore store, Gates gates) : IPhotoStore, IDisposable
{
    readonly Gate _gate = gates.Of(Gates.Store);
    readonly Lock _looking = new();
    volatile Task<string?> _look = Task.FromResult<string?>(null);

    public Task<ObjectFacts?> FindAsync(string key, CancellationToken cancellation) =>
        TryAsync((store, key), static (at, cancellation) => at.store.FindAsync(at.key, cancellation), static _ => false, cancellation);

    public Task<byte[]?> ReadAsync(string key, CancellationToken cancellation) =>
        TryAsync((store, key), static (at, cancellation) => at.store.ReadAsync(at.key, cancellation), static _ => false, cancellation);

    // What was there already was only looked at.
    public Task<bool> WriteOnceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation) =>
        TryAsync(
            (store, key, bytes, facts),
            static (at, cancellation) => at.store.WriteOnceAsync(at.key, at.bytes, at.facts, cancellation), static written => written, cancellation);

    public Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation) =>
        TryAsync(
            (store, key, bytes, facts),
            static async (at, cancellation) =>
            {
                await at.store.ReplaceAsync(at.key, at.bytes, at.facts, cancellation);
                return true;
            },
            static _ => true,
            cancellation);

    public Task DeleteAsync(string key, CancellationToken cancellation) =>
        TryAsync(
            (store, key),
            static async (at, cancellation) =>
            {
                await at.store.DeleteAsync(at.key, cancellation);
                return true;
            },
            static _ => true,
            cancellation);

    /// <remarks>Waits before it begins. What breaks it later is thrown: a caller cannot be told half a list twice.</remarks>
    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using (await _gate.WaitAsync(cancellation))
        {
        }
        await foreach (var key in store.ListAsync(prefix, cancellation))
            yield return key;
    }

    /// <remarks>Asks at once: a host that starts wants to know.</remarks>
    public Task CheckAsync(CancellationToken cancellation) => store.CheckAsync(cancellation);

    public void Dispose() => (store as IDisposable)?.Dispose();

    // Only what was written shows that the store can be written: a read that passes as the probe leaves that to the next.
    async Task<T> TryAsync<TState, T>(
        TState state, Func<TState, CancellationToken, Task<T>> attempt, Func<T, bool> shows, CancellationToken cancellation)
    {
        var failedWhileWell = false;
        while (true)
        {
            using var pass = await _gate.WaitAsync(cancellation);
            try
            {
                var result = await attempt(state, cancellation);
                if (shows(result))
                    pass.Succeeded();
                return result;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or StoreUnusableException)
            {
                // Closed meanwhile by another that failed: one look at the store is enough for all of them.
                if (!pass.IsValid)
                    continue;
                if (await OutageAsync(e, cancellation) is { } sentence)
                {
                    failedWhileWell = false;
                    pass.Refused(null, sentence);
                    continue;
                }
                pass.Succeeded();
                // The store may have come back between the try and the look: only what fails with a store that is well is this object's own.
                if (failedWhileWell)
                    throw;
                failedWhileWell = true;
            }
        }
    }

    // A file where this object's folder should be is its own trouble, and as a probe it would keep the gate closed for ever: the store itself says
    // whether it can be used.
    async Task<string?> OutageAsync(Exception error, CancellationToken cancellation)
    {
        if (error is StoreUnusableException)
            return error.Message;
        // A full disk may still take the few bytes of the check.
        if (error.HResult is DiskFull or QuotaExceeded)
            return $"The photo store cannot be used: {error.Message.TrimEnd('.')}.";
        // A look that was under way may have begun before the trouble.
        var wasLookedAt = !_look.IsCompleted;
        return await LookAsync().WaitAsync(cancellation) ?? (wasLookedAt ? await LookAsync().WaitAsync(cancellation) : null);
    }

    // Hundreds fail at once, and a look at a store that does not answer takes its time: one is enough for all of them.
    Task<string?> LookAsync()
    {
        lock (_looking)
        {
            if (_look.IsCompleted)
                _look = Task.Run(TroubleAsync);
            return _look;
        }

        async Task<string?> TroubleAsync()
        {
            try
            {
                await store.CheckAsync(CancellationToken.None);
                return null;
            }
            catch (StoreUnusableException unusable)
            {
                return unusable.Message;
            }
        }
    }

    const int DiskFull = 28; // ENOSPC
    const int QuotaExceeded = 122; // EDQUOT
}
