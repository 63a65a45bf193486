using System.Data.Common;
using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.FeedIngest;

/// <summary>
/// Asks again, with growing delay, for every listing whose latest generation was not announced final: the one mechanism that repairs a lost queue,
/// an in-memory bus that died, a message that was purged.
/// </summary>
sealed partial class AskingAgain(
    FeedListingTable table,
    FeedStatuses statuses,
    ListingIntake intake,
    Pacing pacing,
    Gates gates,
    ILanes lanes,
    IOptions<FeedIngestOptions> options,
    TimeProvider time,
    ILogger<AskingAgain> logger)
{
    /// <summary>Asks once for everything that a process before this one left unfinished or failed.</summary>
    public async Task AskLeftOverAsync(DateTimeOffset start, CancellationToken cancellation) =>
        await Task.WhenAll((await FeedsAsync(cancellation)).Select(feed => AskLeftOverAsync(feed, start, cancellation)));

    /// <summary>Asks whenever the time of a listing has come; never while its feed's gate is closed or requests of the feed still wait to be taken up.</summary>
    public async Task SweepAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            try
            {
                await AskDueAsync(time.GetUtcNow(), cancellation);
            }
            catch (DbException e)
            {
                // The next sweep is the retry: what is due stays due in the database.
                Log.SweepFailed(logger, e.Message);
            }
        }
    }

    async Task AskLeftOverAsync(string feed, DateTimeOffset start, CancellationToken cancellation)
    {
        while (await table.FindLeftOverAsync(feed, start, cancellation) is { Count: > 0 } listings)
        {
            foreach (var listing in listings)
            {
                await pacing.WaitAsync(feed, listing.Photos.Count, cancellation);
                await intake.AskUnfinishedAsync(listing, cancellation);
            }
        }
    }

    async Task AskDueAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var feed in await FeedsAsync(cancellation))
        {
            if (gates.IsClosed(Gates.Feed(feed)) || await lanes.WaitingAsync(feed, cancellation) > 0)
                continue;
            foreach (var listing in await table.FindDueAsync(feed, now, cancellation))
            {
                // What does not fit stays due: to wait here would let one slow feed hold up all others.
                if (!await pacing.FitsAsync(feed, listing.Photos.Count, cancellation))
                    break;
                // Another process finds the same at the same time. Whoever is killed after this has left it due a little later.
                if (await table.PostponeAsync(listing, now + options.Value.ClaimTime, cancellation))
                    await intake.AskUnfinishedAsync(listing, cancellation);
            }
        }
    }

    // A process that stays takes on what others have left of any feed; a single run looks after its own feeds only.
    async Task<IReadOnlyList<string>> FeedsAsync(CancellationToken cancellation) =>
        options.Value.Watch ? await table.FindUnfinishedFeedsAsync(cancellation) : [.. statuses.All.Select(status => status.Feed)];

    static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The search for listings to ask for again failed and is repeated: {Message}")]
        public static partial void SweepFailed(ILogger logger, string message);
    }
}
