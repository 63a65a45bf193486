using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace ImagePipeline.FeedIngest;

/// <summary>Keeps the requests that wait in a feed's lane few: asking for everything at once would let leases run out while they wait.</summary>
sealed class Pacing(ILanes lanes, IOptionsMonitor<FeedOptions> feeds, TimeProvider time)
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until <paramref name="photos"/> more requests fit, or none waits: a listing larger than the limit passes alone.</summary>
    public async Task WaitAsync(string feed, int photos, CancellationToken cancellation)
    {
        var most = feeds.Get(feed).OutstandingPhotos;
        while (await lanes.WaitingAsync(feed, cancellation) is > 0 and var waiting && waiting + photos > most)
            await Task.Delay(Look, time, cancellation);
    }
}
