using System.Data.Common;

namespace ImagePipeline.FeedIngest;

/// <summary>
/// A feed that this process alone reads: kept, also while the reading waits for hours, until it is disposed or another process has taken over, which
/// ends <see cref="Token"/>. Disposed without <see cref="EndAsync"/>, the feed is free for another reading from the beginning.
/// </summary>
sealed class FeedClaim : IAsyncDisposable
{
    readonly FeedCursorTable _cursors;
    readonly string _feed;
    readonly string _claim;
    readonly TimeSpan _claimTime;
    readonly TimeProvider _time;
    readonly CancellationTokenSource _reading;
    readonly CancellationTokenSource _renewing = new();
    readonly Task _renewal;
    long _until;
    bool _ended;

    FeedClaim(FeedCursorTable cursors, string feed, string claim, DateTimeOffset until, TimeSpan claimTime, TimeProvider time, CancellationToken stopping)
    {
        (_cursors, _feed, _claim, _claimTime, _time, _until) = (cursors, feed, claim, claimTime, time, until.UtcTicks);
        _reading = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Token = _reading.Token;
        _renewal = RenewAsync();
    }

    /// <summary>Claims a feed; null when it is another's, or not due. <paramref name="free"/> and <paramref name="due"/> are those of the table.</summary>
    public static async Task<FeedClaim?> TakeAsync(
        FeedCursorTable cursors, string feed, DateTimeOffset free, DateTimeOffset due, TimeSpan claimTime, TimeProvider time, CancellationToken stopping)
    {
        var until = time.GetUtcNow() + claimTime;
        return await cursors.ClaimAsync(feed, until, free, due, stopping) is { } claim
            ? new FeedClaim(cursors, feed, claim, until, claimTime, time, stopping)
            : null;
    }

    /// <summary>Ends when the reading must: the process stops, or the claim is lost.</summary>
    public CancellationToken Token { get; }

    /// <summary>True when another process may have taken over.</summary>
    public bool IsLost { get; private set; }

    /// <summary>
    /// Before each record: a process that was frozen for longer than its claim holds finds out here that another one reads, before it says anything.
    /// </summary>
    public async ValueTask CheckAsync()
    {
        if (_time.GetUtcNow().UtcTicks >= Volatile.Read(ref _until))
            await KeepAsync();
        Token.ThrowIfCancellationRequested();
    }

    /// <summary>Records that the reading has ended, to its end or not.</summary>
    public async Task EndAsync(bool complete)
    {
        await StopRenewingAsync();
        _ended = true;
        if (!await _cursors.EndAsync(_feed, _claim, _time.GetUtcNow(), complete, CancellationToken.None))
            IsLost = true;
    }

    public async ValueTask DisposeAsync()
    {
        await StopRenewingAsync();
        try
        {
            if (!_ended && !IsLost)
                await _cursors.ReleaseAsync(_feed, _claim, CancellationToken.None);
        }
        catch (DbException)
        {
            // Then it runs out.
        }
        _reading.Dispose();
        _renewing.Dispose();
    }

    async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(_claimTime / 3, _time);
        try
        {
            while (!IsLost && await timer.WaitForNextTickAsync(_renewing.Token))
                await KeepAsync();
        }
        catch (OperationCanceledException)
        {
            // The reading is over.
        }
    }

    async Task KeepAsync()
    {
        var until = _time.GetUtcNow() + _claimTime;
        try
        {
            if (await _cursors.RenewAsync(_feed, _claim, until, _renewing.Token))
                Volatile.Write(ref _until, until.UtcTicks);
            else
                await LoseAsync();
        }
        catch (DbException)
        {
            // Tried again as long as the claim holds; without a database nobody else can take over, but nothing can be saved either.
            if (_time.GetUtcNow().UtcTicks >= Volatile.Read(ref _until))
                await LoseAsync();
        }
    }

    Task LoseAsync()
    {
        IsLost = true;
        return _reading.CancelAsync();
    }

    async Task StopRenewingAsync()
    {
        await _renewing.CancelAsync();
        await _renewal;
    }
}
