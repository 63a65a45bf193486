using System.Collections.Concurrent;
using ImagePipeline.ListingNotifier;

namespace ImagePipeline.Cli;

/// <summary>Waits until listings that were told of are announced, by whichever process; the database says so.</summary>
sealed class AnnouncementWatch(BackfillTable table, BackfillTally tally, TimeProvider time)
{
    const int AtOnce = 500;

    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    readonly ConcurrentQueue<(Guid ListingUid, long Number)> _awaited = new();

    /// <summary>Awaits one more listing: it is to hear of the backfill with this number, and to be announced after that.</summary>
    public void Add(Guid listingUid, long number)
    {
        tally.AwaitedOne();
        _awaited.Enqueue((listingUid, number));
    }

    /// <summary>Looks until <paramref name="isComplete"/> says that no more is added and none is awaited any more.</summary>
    public async Task RunAsync(CancellationToken isComplete, CancellationToken cancellation)
    {
        while (!isComplete.IsCancellationRequested || !_awaited.IsEmpty)
        {
            if (!await LookAsync(cancellation))
                await Task.Delay(Look, time, cancellation);
        }
    }

    // False when nothing has come: then a pause.
    async Task<bool> LookAsync(CancellationToken cancellation)
    {
        var some = new List<(Guid ListingUid, long Number)>();
        while (some.Count < AtOnce && _awaited.TryDequeue(out var one))
            some.Add(one);
        if (some.Count == 0)
            return false;

        var listings = await table.FollowAsync([.. some.Select(s => s.ListingUid)], cancellation);
        var hasCome = false;
        foreach (var (listingUid, number) in some)
        {
            if (listings.GetValueOrDefault(listingUid) is not { } listing || listing.Backfill < number || listing.State == ListingAwaited.Due)
            {
                _awaited.Enqueue((listingUid, number));
                continue;
            }
            hasCome = true;
            tally.HasCome(listing.State);
        }
        return hasCome;
    }
}
