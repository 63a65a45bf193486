using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

/// <summary>A clock that jumps over each wait it is asked for, except waits of the given length, and keeps those it jumped over.</summary>
sealed class ImpatientClock(TimeSpan except) : FakeTimeProvider(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero))
{
    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime != except && dueTime > TimeSpan.Zero)
        {
            Waits.Enqueue(dueTime);
            // From elsewhere: whoever asked for the timer does not have it yet.
            ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));
        }
        return timer;
    }
}
