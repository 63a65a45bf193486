namespace ImagePipeline.FeedIngest.Tests;

/// <summary>A clock that says when somebody has begun to wait: only then does it make sense to move a clock, or to say that nothing goes on.</summary>
sealed class WatchedTime(TimeProvider time) : TimeProvider
{
    readonly Lock _gate = new();
    readonly List<TimeSpan> _waits = [];
    TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override long TimestampFrequency => time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = time.CreateTimer(callback, state, dueTime, period);
        TaskCompletionSource more;
        lock (_gate)
        {
            _waits.Add(dueTime);
            (more, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        more.SetResult();
        return timer;
    }

    /// <summary>Waits until somebody waits for so long, for the so many-th time.</summary>
    public async Task UntilWaitedAsync(TimeSpan wait, int times = 1)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (_waits.Count(w => w == wait) >= times)
                    return;
                more = _more.Task;
            }
            await more.WaitAsync(limit.Token);
        }
    }
}
