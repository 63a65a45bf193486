using System.Data.Common;
using ImagePipeline.FeedIngest.Feeds;
using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.FeedIngest;

/// <summary>
/// Reads every configured feed, once or again and again, each only as fast as its photos are taken up; beside it asks again for what is not final. Of
/// several processes one reads a feed at a time, and once in each interval, whoever does.
/// </summary>
sealed partial class FeedReading(
    FeedSource source,
    FeedSettings feeds,
    IOptionsMonitor<FeedOptions> feedOptions,
    FeedStatuses statuses,
    FeedCursorTable cursors,
    ListingIntake intake,
    Pacing pacing,
    AskingAgain asking,
    IOptions<FeedIngestOptions> options,
    TimeProvider time,
    ILogger<FeedReading> logger) : BackgroundService
{
    // A timer may be early by a little, and so may another machine's clock.
    static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var start = time.GetUtcNow();
        try
        {
            foreach (var id in feeds.Ids)
                statuses.Of(id);
            // Beside the reading, which can take days: another feed's lost message does not wait for it.
            var sweeping = asking.SweepAsync(stoppingToken);
            string[] readable = [.. feeds.Ids.Where(id => feedOptions.Get(id).Source.Length > 0)];
            var waits = await Task.WhenAll(readable.Select(id => BeginAsync(id, stoppingToken)));
            if (options.Value.AskAtStart)
                await asking.AskLeftOverAsync(start, stoppingToken);
            statuses.CompleteReading(null);

            var watching = options.Value.Watch ? readable.Zip(waits, (id, wait) => WatchAsync(id, wait, stoppingToken)) : [];
            await Task.WhenAll(watching.Append(sweeping));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whoever waits for the reading must hear that it will never end.
            statuses.CompleteReading(e);
            throw;
        }
    }

    /// <summary>
    /// The first look: the only process reads at once, whatever a dead one has claimed; a single reading waits for its turn; a service reads if the
    /// feed is due.
    /// </summary>
    async Task<TimeSpan> BeginAsync(string feed, CancellationToken cancellation)
    {
        var settings = options.Value;
        var turn = settings.AskAtStart ? Turn.AtOnce : settings.Watch ? Turn.WhenDue : Turn.WhenFree;
        while (true)
        {
            var (ended, wait) = await LookAsync(feed, turn, cancellation);
            if (ended || settings.Watch)
                return wait;
            await Task.Delay(wait, time, cancellation);
        }
    }

    async Task WatchAsync(string feed, TimeSpan wait, CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(wait, time, cancellation);
            (_, wait) = await LookAsync(feed, Turn.WhenDue, cancellation);
        }
    }

    /// <summary>Reads the feed if it is this process's turn; then, how long to wait until the next look.</summary>
    async Task<(bool Ended, TimeSpan Wait)> LookAsync(string feed, Turn turn, CancellationToken cancellation)
    {
        var settings = options.Value;
        var now = time.GetUtcNow();
        try
        {
            await using var claim = await FeedClaim.TakeAsync(
                cursors,
                feed,
                free: turn == Turn.AtOnce ? DateTimeOffset.MaxValue : now,
                due: turn == Turn.WhenDue ? now - settings.ReadInterval : DateTimeOffset.MaxValue,
                settings.ClaimTime,
                time,
                cancellation);
            if (claim is null)
                return (false, await WaitForAsync(feed, turn, cancellation));
            await ReadAsync(feed, claim, cancellation);
            return (true, claim.IsLost ? settings.ClaimTime : settings.ReadInterval);
        }
        catch (DbException e)
        {
            // The next look is the retry.
            Fail(statuses.Of(feed), $"Feed {feed}: the database failed: {e.Message}");
            return (true, settings.ClaimTime);
        }
    }

    // Not more than the times in force here: what another clock or another configuration has written must not put a feed to sleep.
    async Task<TimeSpan> WaitForAsync(string feed, Turn turn, CancellationToken cancellation)
    {
        var settings = options.Value;
        var now = time.GetUtcNow();
        var wait = ShortestWait;
        if (await cursors.FindAsync(feed, cancellation) is not { } cursor)
            return wait;
        Consider(cursor.ClaimedUntil - now, settings.ClaimTime);
        if (turn == Turn.WhenDue)
            Consider(cursor.TriedAt + settings.ReadInterval - now, settings.ReadInterval);
        return wait;

        void Consider(TimeSpan one, TimeSpan most) => wait = one > most ? (most > wait ? most : wait) : one > wait ? one : wait;
    }

    async Task ReadAsync(string feed, FeedClaim claim, CancellationToken stopping)
    {
        var status = statuses.Of(feed);
        var isComplete = false;
        try
        {
            await foreach (var item in source.ReadAsync(feed, feedOptions.Get(feed), claim.Token))
            {
                await claim.CheckAsync();
                await TakeAsync(item, status, claim.Token);
            }
            status.Failure = null;
            isComplete = true;
        }
        catch (OperationCanceledException) when (claim.IsLost && !stopping.IsCancellationRequested)
        {
            // A service reads on when it is its turn; whoever wanted one reading did not get it.
            if (!options.Value.Watch)
                status.Failure = $"Feed {feed}: another process has taken over its reading.";
            Log.TakenOver(logger, feed);
            return;
        }
        catch (Exception e) when (e is FeedUnreadableException or TooManyFeedsException)
        {
            Fail(status, e.Message);
        }
        catch (DbException e)
        {
            // The next reading is the retry: what was not saved is new to it.
            Fail(status, $"Feed {feed}: the database failed: {e.Message}");
        }
        await claim.EndAsync(isComplete);
    }

    void Fail(FeedStatus status, string sentence)
    {
        status.Failure = sentence;
        Log.FeedUnreadable(logger, sentence);
    }

    async Task TakeAsync(FeedItem item, FeedStatus status, CancellationToken cancellation)
    {
        if (item is RefusedRecord refused)
        {
            status.CountRefused();
            Log.RecordRefused(logger, status.Feed, refused.Where, refused.Why);
            return;
        }

        // A file of submissions may speak of other feeds than the one it was read as.
        var listing = (ReadListing)item;
        var owner = listing.Feed == status.Feed ? status : statuses.Of(listing.Feed);
        await pacing.WaitAsync(listing.Feed, listing.Photos.Count, cancellation);
        await intake.TakeAsync(listing, cancellation);
        owner.CountRead();
    }

    /// <summary>When a feed may be read.</summary>
    enum Turn
    {
        /// <summary>Now: there is no other process, only what a dead one has left.</summary>
        AtOnce,

        /// <summary>When nobody else reads it.</summary>
        WhenFree,

        /// <summary>When nobody else reads it, and the interval since the last reading is over.</summary>
        WhenDue,
    }

    static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "{Sentence}")]
        public static partial void FeedUnreadable(ILogger logger, string sentence);

        [LoggerMessage(LogLevel.Warning, "Feed {Feed}: another process has taken over its reading, since this one did not keep its claim in time")]
        public static partial void TakenOver(ILogger logger, string feed);

        [LoggerMessage(LogLevel.Warning, "Feed {Feed}: {Where} was refused: {Why}")]
        public static partial void RecordRefused(ILogger logger, string feed, string where, string why);
    }
}
