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
    ILanes lanes,
    IOptions<FeedIngestOptions> options,
    TimeProvider time,
    ILogger<AskingAgain> logger)
{
    /// <summary>Asks once for everything that a process before this one left unfinished or failed.</summary>
    public async Task AskLeftOverAsync(DateTimeOffset start, CancellationToken cancellation)
    {
        foreach (var status in statuses.All)
        {
            while (await table.FindLeftOverAsync(status.Feed, start, cancellation) is { Count: > 0 } listings)
                await AskAsync(listings, cancellation);
        }
    }

    /// <summary>Asks whenever the time of a listing has come; never while requests of its feed still wait to be taken up.</summary>
    public async Task SweepAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            try
            {
                foreach (var status in statuses.All)
                {
                    if (await lanes.WaitingAsync(status.Feed, cancellation) == 0)
                        await AskAsync(await table.FindDueAsync(status.Feed, time.GetUtcNow(), cancellation), cancellation);
                }
            }
            catch (DbException e)
            {
                // The next sweep is the retry: what is due stays due in the database.
                Log.SweepFailed(logger, e.Message);
            }
        }
    }

    async Task AskAsync(IReadOnlyList<KnownListing> listings, CancellationToken cancellation)
    {
        foreach (var listing in listings)
        {
            await pacing.WaitAsync(listing.Feed, listing.Photos.Count, cancellation);
            await intake.AskAsync(listing.Feed, listing.ListingKey, urgent: false, everything: false, cancellation);
        }
    }

    static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The search for listings to ask for again failed and is repeated: {Message}")]
        public static partial void SweepFailed(ILogger logger, string message);
    }
}
