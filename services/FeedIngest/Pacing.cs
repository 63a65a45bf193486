using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace ImagePipeline.FeedIngest;

/// <summary>Keeps the requests that wait in a feed's lane few: asking for everything at once would let leases run out while they wait.</summary>
sealed class Pacing(ILanes lanes, IOptionsMonitor<FeedOptions> feeds, TimeProvider time)
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until <paramref name="photos"/> more requests fit.</summary>
    public async Task WaitAsync(string feed, int photos, CancellationToken cancellation)
    {
        while (!await FitsAsync(feed, photos, cancellation))
            await Task.Delay(Look, time, cancellation);
    }

    /// <summary>Whether <paramref name="photos"/> more requests fit, or none waits: a listing larger than the limit passes alone.</summary>
    public async Task<bool> FitsAsync(string feed, int photos, CancellationToken cancellation) =>
        await lanes.WaitingAsync(feed, cancellation) is var waiting && (waiting == 0 || waiting + photos <= feeds.Get(feed).OutstandingPhotos);
}
