using System.Data.Common;
using ImagePipeline.FeedIngest.Feeds;
using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.FeedIngest;

/// <summary>
/// Reads every configured feed, once or again and again, each only as fast as its photos are taken up; then asks again for what is not final.
/// </summary>
sealed partial class FeedReading(
    FeedSource source,
    FeedSettings feeds,
    IOptionsMonitor<FeedOptions> feedOptions,
    FeedStatuses statuses,
    ListingIntake intake,
    Pacing pacing,
    AskingAgain asking,
    IOptions<FeedIngestOptions> options,
    TimeProvider time,
    ILogger<FeedReading> logger) : BackgroundService
{
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
            await Task.WhenAll(readable.Select(id => ReadAsync(id, stoppingToken)));
            if (options.Value.AskAtStart)
                await asking.AskLeftOverAsync(start, stoppingToken);
            statuses.CompleteReading(null);

            await Task.WhenAll(readable.Select(id => WatchAsync(id, stoppingToken)).Append(sweeping));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whoever waits for the reading must hear that it will never end.
            statuses.CompleteReading(e);
            throw;
        }
    }

    async Task WatchAsync(string feed, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(options.Value.ReadInterval, time);
        while (options.Value.Watch && await timer.WaitForNextTickAsync(cancellation))
            await ReadAsync(feed, cancellation);
    }

    async Task ReadAsync(string feed, CancellationToken cancellation)
    {
        var status = statuses.Of(feed);
        try
        {
            await foreach (var item in source.ReadAsync(feed, feedOptions.Get(feed), cancellation))
                await TakeAsync(item, status, cancellation);
            status.Failure = null;
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

    static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "{Sentence}")]
        public static partial void FeedUnreadable(ILogger logger, string sentence);

        [LoggerMessage(LogLevel.Warning, "Feed {Feed}: {Where} was refused: {Why}")]
        public static partial void RecordRefused(ILogger logger, string feed, string where, string why);
    }
}
