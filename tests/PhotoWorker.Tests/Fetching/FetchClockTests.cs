using ImagePipeline.PhotoWorker.Fetching;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

public sealed class FetchClockTests
{
    [Fact]
    public async Task Waiting_for_room_of_our_own_uses_up_no_time_of_the_vendor()
    {
        var (time, limits) = (new FakeTimeProvider(), new FetchingOptions());
        using var clock = new FetchClock(limits, time, CancellationToken.None);
        clock.Reading();
        time.Advance(TimeSpan.FromSeconds(10));
        var room = new TaskCompletionSource();

        var paused = clock.PausedAsync(room.Task);
        time.Advance(TimeSpan.FromHours(1));
        room.SetResult();
        await paused;
        Assert.Null(clock.Exceeded);

        time.Advance(limits.TotalTimeout - TimeSpan.FromSeconds(11));
        Assert.Null(clock.Exceeded);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull(clock.Exceeded);
    }
}
