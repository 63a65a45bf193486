namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>The time limits of one fetch: a total one, and one for the step under way. Also tells which of them ended it.</summary>
sealed class FetchClock : IDisposable
{
    readonly FetchingOptions _limits;
    readonly TimeProvider _time;
    readonly CancellationTokenSource _total;
    readonly CancellationTokenSource _step;
    readonly CancellationTokenSource _either;
    TimeSpan _left;
    long _since;
    string _stepOver = "";

    /// <summary>Starts the total limit.</summary>
    public FetchClock(FetchingOptions limits, TimeProvider time, CancellationToken cancellation)
    {
        _limits = limits;
        _time = time;
        _left = limits.TotalTimeout;
        _since = time.GetTimestamp();
        _total = new CancellationTokenSource(limits.TotalTimeout, time);
        _step = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_total.Token, _step.Token, cancellation);
    }

    /// <summary>Cancelled when a limit is over, or by the caller.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>A request is sent next.</summary>
    public void Asking()
    {
        _stepOver = $"sent no answer within {_limits.HeadersTimeout.TotalSeconds:0.###} s";
        _step.CancelAfter(_limits.HeadersTimeout);
    }

    /// <summary>Bytes are read next.</summary>
    public void Reading()
    {
        _stepOver = $"sent nothing more for {_limits.IdleReadTimeout.TotalSeconds:0.###} s";
        _step.CancelAfter(_limits.IdleReadTimeout);
    }

    /// <summary>Waits for something that is not the vendor's doing: no limit runs meanwhile.</summary>
    public async Task PausedAsync(Task waiting)
    {
        _left -= _time.GetElapsedTime(_since);
        _step.CancelAfter(Timeout.InfiniteTimeSpan);
        _total.CancelAfter(Timeout.InfiniteTimeSpan);
        await waiting;
        _since = _time.GetTimestamp();
        _total.CancelAfter(_left > TimeSpan.Zero ? _left : TimeSpan.Zero);
    }

    /// <summary>What the vendor did not do in time, to follow its name; null when no limit was over.</summary>
    public string? Exceeded => _total.IsCancellationRequested ? $"took longer than {_limits.TotalTimeout.TotalSeconds:0.###} s in all"
        : _step.IsCancellationRequested ? _stepOver
        : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _either.Dispose();
        _step.Dispose();
        _total.Dispose();
    }
}
