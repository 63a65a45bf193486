using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ListingNotifier;

/// <summary>
/// How many listings there are, as the gauge <c>imagepipe.listings</c> by feed and state. Counted in the background, so that a scrape never waits for
/// the database; while that cannot be read the gauge says what was last known. Every process counts all listings: of several take one.
/// </summary>
sealed partial class ListingCounts : BackgroundService
{
    readonly ListingTable _table;
    readonly IOptions<ListingNotifierOptions> _options;
    readonly TimeProvider _time;
    readonly ILogger<ListingCounts> _logger;
    IReadOnlyList<ListingCount> _counts = [];
    bool _failing;

    public ListingCounts(ListingTable table, IMeterFactory meters, IOptions<ListingNotifierOptions> options, TimeProvider time, ILogger<ListingCounts> logger)
    {
        (_table, _options, _time, _logger) = (table, options, time, logger);
        meters.Create(ListingMetrics.MeterName).CreateObservableGauge(
            "imagepipe.listings",
            () => Volatile.Read(ref _counts).Select(c => new Measurement<long>(c.Listings, new("feed", c.Feed), new KeyValuePair<string, object?>("state", c.State))),
            "{listing}",
            "Listings by feed and state: complete, incomplete (settled, not complete), pending, withdrawn.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.Value.CountInterval, _time);
        do
        {
            try
            {
                Volatile.Write(ref _counts, await _table.CountAsync(stoppingToken));
                _failing = false;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The next count is the retry. Said once, not with every count of an outage.
                if (!_failing)
                    Log.CountFailed(_logger, e.Message);
                _failing = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Listings cannot be counted and are counted again later: {Message}")]
        public static partial void CountFailed(ILogger logger, string message);
    }
}

/// <summary>How many listings of one feed are in one state: complete, incomplete, pending or withdrawn.</summary>
sealed record ListingCount
{
    public required string Feed { get; init; }

    public required string State { get; init; }

    public required long Listings { get; init; }
}
