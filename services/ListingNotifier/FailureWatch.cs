using System.Diagnostics.Metrics;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.ServiceDefaults.RabbitMq;
using ImagePipeline.Storage.Failures;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ListingNotifier;

/// <summary>
/// Takes what failed for good out of its queues, every few seconds; deletes what was dealt with when its retention is over; and measures what nobody has dealt with. Any number of
/// processes may do so at once. On the in-memory bus failures are kept where they happen, and nothing is to be taken in.
/// </summary>
sealed partial class FailureWatch : BackgroundService
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "ImagePipeline.Failures";

    // Searches all that is kept.
    static readonly TimeSpan PurgeInterval = TimeSpan.FromHours(1);

    readonly FailedMessageTable _table;
    readonly FailureIntake? _intake;
    readonly ErrorsOptions _options;
    readonly TimeProvider _time;
    readonly ILogger<FailureWatch> _logger;
    UnresolvedFailures _unresolved = UnresolvedFailures.None;
    DateTimeOffset _purgeAt;
    bool _intakeFails;
    bool _tableFails;

    /// <summary>Makes the instruments.</summary>
    /// <param name="table">What failed.</param>
    /// <param name="intake">Null on the in-memory bus.</param>
    /// <param name="meters">Makes meters.</param>
    /// <param name="options">How often, and how long.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where trouble is said, once.</param>
    public FailureWatch(FailedMessageTable table, FailureIntake? intake, IMeterFactory meters, IOptions<ErrorsOptions> options, TimeProvider time, ILogger<FailureWatch> logger)
    {
        (_table, _intake, _options, _time, _logger) = (table, intake, options.Value, time, logger);
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge(
            "imagepipe.failures.unresolved", Unresolved, "{message}", "Messages that failed for good and that nobody has dealt with, by group.");
        meter.CreateObservableGauge(
            "imagepipe.failures.oldest_age", () => OldestAge().TotalSeconds, "s", "How long ago the oldest of them failed; 0 when there is none.");
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.TakeInInterval, _time);
        do
        {
            if (_intake is not null && _options.TakeIn)
                await TakeInAsync(_intake, stoppingToken);
            await LookAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    async Task TakeInAsync(FailureIntake intake, CancellationToken cancellation)
    {
        try
        {
            if (await intake.TakeInAsync([], cancellation) is var taken and > 0)
                Log.TakenIn(_logger, taken);
            _intakeFails = false;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            // The next time is the retry: what was not taken in is still in its queue. Said once, not every few seconds of an outage.
            if (!_intakeFails)
                Log.TakeInFailed(_logger, e.Message);
            _intakeFails = true;
        }
    }

    async Task LookAsync(CancellationToken cancellation)
    {
        try
        {
            var now = _time.GetUtcNow();
            if (now >= _purgeAt)
            {
                await _table.PurgeAsync(now - _options.Retention, cancellation);
                _purgeAt = now + PurgeInterval;
            }
            Volatile.Write(ref _unresolved, await _table.UnresolvedAsync(_options.MetricGroups, cancellation));
            _tableFails = false;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            // The next time is the retry; until then the gauges say what was last known.
            if (!_tableFails)
                Log.LookFailed(_logger, e.Message);
            _tableFails = true;
        }
    }

    IEnumerable<Measurement<long>> Unresolved()
    {
        var unresolved = Volatile.Read(ref _unresolved);
        foreach (var group in unresolved.Largest)
            yield return Measured(group.Messages, group.Id, group.Queue, group.ExceptionType ?? "none");
        // Also when it is 0: the sum of all series is never a gap.
        yield return Measured(unresolved.Messages - unresolved.Largest.Sum(g => g.Messages), "other", "other", "other");

        static Measurement<long> Measured(long messages, string group, string queue, string exception) =>
            new(messages, new("group", group), new("queue", queue), new KeyValuePair<string, object?>("exception", exception));
    }

    TimeSpan OldestAge() => Volatile.Read(ref _unresolved).Oldest is { } oldest && _time.GetUtcNow() - oldest is var age && age > TimeSpan.Zero ? age : TimeSpan.Zero;

    static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Messages} messages that failed for good were taken out of their queues; imagepipe errors list shows them")]
        public static partial void TakenIn(ILogger logger, int messages);

        [LoggerMessage(LogLevel.Warning, "Messages that failed for good cannot be taken out of their queues, and that is tried again: {Message}")]
        public static partial void TakeInFailed(ILogger logger, string message);

        [LoggerMessage(LogLevel.Warning, "Messages that failed for good cannot be counted, and that is tried again: {Message}")]
        public static partial void LookFailed(ILogger logger, string message);
    }
}
