using Microsoft.Extensions.Logging;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>
/// The gate of one feed. Open, or closed with a time at which one pass is given out as the probe:
/// <code>
/// open ── Close ──> closed ── its time is over ──> probing ── Open by the probe ──> open
///                     ^──── Close by the probe, for longer ───┘
/// </code>
/// Never stuck: while probing, the probe's pass ends in Open, Close or HandOn, and with no probe out the next that waits becomes it.
/// </summary>
sealed partial class FeedGate(string feed, TimeSpan maxRetryAfter, TimeProvider time, Func<double> random, ILogger log) : IDisposable
{
    static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    readonly Lock _sync = new();
    readonly LinkedList<TaskCompletionSource<GatePass>> _waiting = [];

    // Null while open; Refusals counts the closing one and each refused probe since.
    ClosedGate? _closed;
    int _refusals;
    GatePass? _probe;
    ITimer? _timer;

    /// <summary>Null while open.</summary>
    public ClosedGate? Closed
    {
        get
        {
            lock (_sync)
                return _closed;
        }
    }

    /// <summary>Whether a GET with this pass may be sent now.</summary>
    public bool LetsThrough(GatePass pass)
    {
        lock (_sync)
            return _closed is null || _probe == pass;
    }

    /// <summary>Holds until the gate is open or this caller is the probe.</summary>
    public async ValueTask<GatePass> WaitAsync(CancellationToken cancellation)
    {
        LinkedListNode<TaskCompletionSource<GatePass>> place;
        lock (_sync)
        {
            if (_closed is null)
                return new GatePass(this);
            if (_probe is null && time.GetUtcNow() >= _closed.Until)
                return _probe = new GatePass(this);
            place = _waiting.AddLast(new TaskCompletionSource<GatePass>(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        using var leaving = cancellation.UnsafeRegister(_ => Leave(place, cancellation), null);
        return await place.Value.Task;
    }

    /// <summary>The vendor answers again.</summary>
    /// <remarks>Only the probe's word counts: an answer to a GET sent before the gate closed says nothing about now.</remarks>
    public void Open(GatePass by)
    {
        lock (_sync)
        {
            if (_closed is null || _probe != by)
                return;
            Log.Opened(log, feed, time.GetUtcNow() - _closed.Since);
            (_closed, _probe, _refusals) = (null, null, 0);
            foreach (var waiter in _waiting)
                waiter.TrySetResult(new GatePass(this));
            _waiting.Clear();
        }
    }

    /// <summary>The vendor refuses. Of the many GETs that are under way when it begins to, only the first closes the gate.</summary>
    public void Close(TimeSpan? retryAfter, string why, GatePass? by)
    {
        lock (_sync)
        {
            var now = time.GetUtcNow();
            var asked = retryAfter > maxRetryAfter ? maxRetryAfter : retryAfter;
            if (_closed is not null && (by is null || _probe != by))
            {
                if (asked is { } longer && now + longer > _closed.Until)
                    Set(_closed with { Until = now + longer, Why = why }, now);
                return;
            }
            _refusals++;
            _probe = null;
            Set(new ClosedGate(feed, _closed?.Since ?? now, now + (asked > TimeSpan.Zero ? asked.Value : Grown()), why), now);
            Log.Closed(log, feed, _closed!.Until, why);
        }
    }

    /// <summary>A pass is not used any more.</summary>
    public void HandOn(GatePass pass)
    {
        lock (_sync)
        {
            if (_probe != pass)
                return;
            _probe = null;
            LetProbe();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    void Set(ClosedGate closed, DateTimeOffset now)
    {
        _closed = closed;
        _timer ??= time.CreateTimer(_ => TimeIsOver(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(closed.Until - now, Timeout.InfiniteTimeSpan);
    }

    void TimeIsOver()
    {
        lock (_sync)
            LetProbe();
    }

    // Makes the first that waits the probe, unless there is one, or the clock says that it is too early (timers may fire early).
    void LetProbe()
    {
        if (_closed is null || _probe is not null)
            return;
        var now = time.GetUtcNow();
        if (now < _closed.Until)
        {
            Set(_closed, now);
            return;
        }
        if (_waiting.First is not { } first)
            return;
        _waiting.RemoveFirst();
        first.Value.TrySetResult(_probe = new GatePass(this));
    }

    void Leave(LinkedListNode<TaskCompletionSource<GatePass>> place, CancellationToken cancellation)
    {
        lock (_sync)
        {
            // Not in the list any more: the pass is on its way and its holder sees the cancellation next.
            if (place.List is null)
                return;
            _waiting.Remove(place);
        }
        place.Value.TrySetCanceled(cancellation);
    }

    TimeSpan Grown()
    {
        var doubled = Shortest * Math.Pow(2, Math.Min(_refusals - 1, 10));
        var jittered = (doubled < Longest ? doubled : Longest) * (0.75 + 0.5 * random());
        return jittered < Shortest ? Shortest : jittered > Longest ? Longest : jittered;
    }

    static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The gate of feed {Feed} is closed until {Until:u}: {Why}")]
        public static partial void Closed(ILogger log, string feed, DateTimeOffset until, string why);

        [LoggerMessage(LogLevel.Information, "The gate of feed {Feed} is open again after {Duration}")]
        public static partial void Opened(ILogger log, string feed, TimeSpan duration);
    }
}
