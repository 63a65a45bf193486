namespace ImagePipeline.FeedIngest;

/// <summary>
/// One thing at a time for a listing within this process: a feed being read, a submission and an announcement may all concern it. Between
/// processes the saved generation decides.
/// </summary>
sealed class ListingLocks : IDisposable
{
    // Some listings share a lock: far more locks than listings in work at once, far fewer than listings.
    readonly SemaphoreSlim[] _locks = [.. Enumerable.Range(0, 256).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Waits for the listing; it is free again when what is returned is disposed.</summary>
    public async Task<IDisposable> HoldAsync(string feed, string listingKey, CancellationToken cancellation)
    {
        var one = _locks[(uint)HashCode.Combine(feed, listingKey) % _locks.Length];
        await one.WaitAsync(cancellation);
        return new Held(one);
    }

    public void Dispose()
    {
        foreach (var one in _locks)
            one.Dispose();
    }

    sealed class Held(SemaphoreSlim one) : IDisposable
    {
        public void Dispose() => one.Release();
    }
}
