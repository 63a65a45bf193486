using ImagePipeline.Storage.Gates;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.ServiceDefaults;

/// <summary>
/// One gate. Open, or closed with a time at which one pass is given out as the probe:
/// <code>
/// open ── Close ──> closed ── its time is over ──> probing ── Open by the probe ──> open
///                     ^──── Close by the probe, for longer ───┘
/// </code>
/// Never stuck: while probing, the probe's pass ends in Open, Close or a return, and with no probe out the next that waits becomes it. Who waits
/// inside comes first: it has done work already, and may hold a photo's bytes. It even takes over from a message that became the probe at its
/// entrance and is still on its way, so that the two can never wait for each other.
/// </summary>
sealed partial class Gate : IDisposable
{
    readonly Lock _sync = new();
    readonly LinkedList<TaskCompletionSource<GatePass>> _inside = [];
    readonly LinkedList<(TaskCompletionSource<GatePass> Pass, GatedMessage Message)> _entrance = [];
    readonly GateOptions _options;
    readonly TimeProvider _time;
    readonly Func<double> _random;
    readonly GateMetrics? _metrics;
    readonly ILogger _log;

    // What everybody gets while the gate is open, so that an open gate costs no more than a look.
    readonly GatePass _free;

    // Null while open; Refusals counts the closing one and each refused probe since.
    volatile ClosedGate? _closed;
    volatile GatePass? _probe;
    int _refusals;
    ITimer? _timer;

    public Gate(string name, GateOptions options, TimeProvider time, Func<double> random, GateMetrics? metrics, ILogger log)
    {
        Name = name;
        (_options, _time, _random, _metrics, _log) = (options, time, random, metrics, log);
        _free = new GatePass(this);
    }

    public string Name { get; }

    /// <summary>Null while open.</summary>
    public ClosedGate? Closed => _closed;

    /// <summary>Whether it was ever closed.</summary>
    public bool WasClosed => _timer is not null;

    /// <summary>What other processes are told of it; null while open.</summary>
    public GateRow? Row
    {
        get
        {
            lock (_sync)
                return _closed is { } closed ? new GateRow(Name, closed.Since, closed.Until, closed.Why, _refusals) : null;
        }
    }

    /// <summary>Whether a try with this pass may be made now.</summary>
    public bool LetsThrough(GatePass pass) => _closed is null || _probe == pass;

    public bool IsProbe(GatePass pass) => _probe == pass;

    /// <summary>Whether a message may go in: the gate is open, or it is the probe.</summary>
    public bool LetsIn(GatedMessage message) => _closed is null || _probe is { } probe && probe.Carrier == message;

    /// <summary>Holds until the gate is open or this caller is the probe.</summary>
    public ValueTask<GatePass> WaitAsync(CancellationToken cancellation) =>
        _closed is null ? new(_free) : new(WaitInsideAsync(GatedMessage.Current, cancellation));

    /// <summary>A pass if one can be had without waiting; else null.</summary>
    public GatePass? TryPass()
    {
        if (_closed is null)
            return _free;
        lock (_sync)
            return PassNow(GatedMessage.Current);
    }

    /// <summary>Holds a message that has not begun, until the gate is open or the message is the probe and carries the pass.</summary>
    public async Task EnterAsync(GatedMessage message)
    {
        TaskCompletionSource<GatePass> pass;
        LinkedListNode<(TaskCompletionSource<GatePass>, GatedMessage)> place;
        lock (_sync)
        {
            if (_closed is null)
                return;
            if (_probe is null && _time.GetUtcNow() >= _closed.Until)
            {
                Probe(new GatePass(this, message));
                return;
            }
            pass = new(TaskCreationOptions.RunContinuationsAsynchronously);
            place = _entrance.AddLast((pass, message));
        }
        await HoldAsync(pass, message, () => TryRemove(_entrance, place), message.Cancellation);
    }

    /// <summary>The trouble is over.</summary>
    /// <remarks>Only the probe's word counts: the success of a try from before the gate closed says nothing about now.</remarks>
    public void Open(GatePass by)
    {
        if (_probe != by)
            return;
        lock (_sync)
        {
            if (_probe == by)
                Open();
        }
    }

    /// <summary>Another process has found that the trouble is over.</summary>
    public void OpenAsTold()
    {
        lock (_sync)
            Open();
    }

    /// <summary>The trouble is there. Of the many tries that are under way when it begins, only the first closes the gate.</summary>
    public void Close(TimeSpan? pause, string why, GatePass? by)
    {
        lock (_sync)
        {
            var now = _time.GetUtcNow();
            if (_closed is { } already && (by is null || _probe != by))
            {
                if (pause is { } longer && now + longer > already.Until)
                    Set(already with { Until = now + longer, Why = why }, now);
                return;
            }
            _refusals++;
            _probe = null;
            var until = now + (pause > TimeSpan.Zero ? pause.Value : Grown());
            if (_closed is { } before)
            {
                Set(before with { Until = until, Why = why }, now);
                Log.StaysClosed(_log, Name, until, why);
            }
            else
            {
                Set(new ClosedGate(Name, now, until, why), now);
                _metrics?.Closed(Name);
                Log.Closed(_log, Name, until, why);
            }
        }
    }

    /// <summary>The trouble was met by this message, which may carry the probe.</summary>
    public void Close(string why, GatedMessage by) => Close(null, why, _probe is { } probe && probe.Carrier == by ? probe : null);

    /// <summary>Another process has closed it, or for longer.</summary>
    public void CloseAsTold(GateRow row)
    {
        lock (_sync)
        {
            var now = _time.GetUtcNow();
            _refusals = Math.Max(_refusals, row.Refusals);
            if (_closed is null)
            {
                Set(new ClosedGate(Name, row.Since, row.Until, row.Why), now);
                _metrics?.Closed(Name);
                Log.Closed(_log, Name, row.Until, row.Why);
            }
            else if (row.Until > _closed.Until)
                Set(_closed with { Until = row.Until, Why = row.Why }, now);
        }
    }

    /// <summary>A pass is not used any more; a message that carries it keeps it for its next try, unless somebody inside waits for it.</summary>
    public void Return(GatePass pass)
    {
        if (_probe != pass)
            return;
        lock (_sync)
        {
            if (_probe != pass)
                return;
            if (pass.Carrier is { HasEnded: false })
                pass.IsIdle = true;
            else
                _probe = null;
            LetProbe();
        }
    }

    /// <summary>A message that may carry the probe has ended, or waits at another gate.</summary>
    public void Drop(GatedMessage message)
    {
        if (_probe is not { } carried || carried.Carrier != message)
            return;
        lock (_sync)
        {
            if (_probe is not { } probe || probe.Carrier != message || !(probe.IsIdle || message.HasEnded))
                return;
            _probe = null;
            LetProbe();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    async Task<GatePass> WaitInsideAsync(GatedMessage? message, CancellationToken cancellation)
    {
        TaskCompletionSource<GatePass> pass;
        LinkedListNode<TaskCompletionSource<GatePass>> place;
        lock (_sync)
        {
            if (PassNow(message) is { } now)
                return now;
            pass = new(TaskCreationOptions.RunContinuationsAsynchronously);
            place = _inside.AddLast(pass);
        }
        return await HoldAsync(pass, message, () => TryRemove(_inside, place), cancellation);
    }

    // Not to be called without the lock.
    GatePass? PassNow(GatedMessage? message)
    {
        if (_closed is null)
            return _free;
        if (message is not null && _probe is { IsIdle: true } carried && carried.Carrier == message)
        {
            carried.IsIdle = false;
            return carried;
        }
        return _probe is null or { IsIdle: true } && _time.GetUtcNow() >= _closed.Until ? Probe(new GatePass(this)) : null;
    }

    async Task<GatePass> HoldAsync(
        TaskCompletionSource<GatePass> pass, GatedMessage? message, Func<bool> leave, CancellationToken cancellation)
    {
        // Who waits here tries nothing elsewhere, and must not keep others from trying.
        message?.DropProbes(except: this);
        // If it cannot leave any more, its pass is on its way, and its holder sees the cancellation next.
        using var cancelled = cancellation.UnsafeRegister(_ =>
        {
            if (leave())
                pass.TrySetCanceled(cancellation);
        }, null);
        using var held = message?.Hold(this, () =>
        {
            if (leave())
                pass.TrySetException(new GivenBackException(Name));
        });
        return await pass.Task;
    }

    bool TryRemove<T>(LinkedList<T> waiting, LinkedListNode<T> place)
    {
        lock (_sync)
        {
            if (place.List is null)
                return false;
            waiting.Remove(place);
            return true;
        }
    }

    void Open()
    {
        if (_closed is null)
            return;
        Log.Opened(_log, Name, _time.GetUtcNow() - _closed.Since);
        (_closed, _probe, _refusals) = (null, null, 0);
        foreach (var pass in _inside)
            pass.TrySetResult(_free);
        foreach (var (pass, _) in _entrance)
            pass.TrySetResult(_free);
        _inside.Clear();
        _entrance.Clear();
    }

    void Set(ClosedGate closed, DateTimeOffset now)
    {
        _closed = closed;
        _timer ??= _time.CreateTimer(_ => TimeIsOver(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(closed.Until > now ? closed.Until - now : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    void TimeIsOver()
    {
        lock (_sync)
            LetProbe();
    }

    // Makes the first that waits the probe, unless there is one at it, or the clock says that it is too early (timers may fire early).
    void LetProbe()
    {
        if (_closed is null || _probe is { IsIdle: false })
            return;
        var now = _time.GetUtcNow();
        if (now < _closed.Until)
        {
            Set(_closed, now);
        }
        else if (_inside.First is { } inside)
        {
            _inside.RemoveFirst();
            inside.Value.TrySetResult(Probe(new GatePass(this)));
        }
        else if (_probe is null && _entrance.First is { Value: var (pass, message) })
        {
            _entrance.RemoveFirst();
            pass.TrySetResult(Probe(new GatePass(this, message)));
        }
    }

    GatePass Probe(GatePass probe)
    {
        _metrics?.Probed(Name);
        return _probe = probe;
    }

    TimeSpan Grown()
    {
        var (shortest, longest) = (_options.ShortestPause, Name is Gates.Store or Gates.Database ? _options.LongestOutagePause : _options.LongestPause);
        var doubled = shortest * Math.Pow(2, Math.Min(_refusals - 1, 20));
        var jittered = (doubled < longest ? doubled : longest) * (0.75 + 0.5 * _random());
        return jittered < shortest ? shortest : jittered > longest ? longest : jittered;
    }

    static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The gate {Gate} is closed until {Until:u}: {Why}")]
        public static partial void Closed(ILogger log, string gate, DateTimeOffset until, string why);

        [LoggerMessage(LogLevel.Debug, "The gate {Gate} stays closed until {Until:u}: {Why}")]
        public static partial void StaysClosed(ILogger log, string gate, DateTimeOffset until, string why);

        [LoggerMessage(LogLevel.Information, "The gate {Gate} is open again after {Duration}")]
        public static partial void Opened(ILogger log, string gate, TimeSpan duration);
    }
}
