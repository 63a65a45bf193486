using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ServiceDefaults;

/// <summary>Measures how many messages wait in each queue that only fills when something is slow or wrong.</summary>
public sealed class LaneMetrics : BackgroundService
{
    readonly ILanes _lanes;
    readonly IOptions<LaneOptions> _options;
    readonly TimeProvider _time;
    IReadOnlyList<QueueDepth> _depths = [];

    /// <summary>Makes the instruments.</summary>
    public LaneMetrics(ILanes lanes, IOptions<LaneOptions> options, TimeProvider time, IMeterFactory meters)
    {
        (_lanes, _options, _time) = (lanes, options, time);
        var meter = meters.Create("ImagePipeline.Bus");
        meter.CreateObservableGauge(
            "imagepipe.lane.backlog", () => Shown("lane", d => d.Lane), "{request}", "Photo requests that wait in a lane.");
        meter.CreateObservableGauge(
            "imagepipe.queue.messages", () => Shown("queue", d => d.Lane is null ? d.Queue : null), "{message}", "Messages on a rung, parked, unrouted, or failed and not taken in.");
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.Value.SearchInterval, _time);
        do
        {
            try
            {
                _depths = await _lanes.DepthsAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // An old number would be a wrong one. That the broker or the database is away is for readiness to tell.
                _depths = [];
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    IEnumerable<Measurement<int>> Shown(string tag, Func<QueueDepth, string?> nameOf) =>
        _depths.Where(d => nameOf(d) is not null).Select(d => new Measurement<int>(d.Messages, new KeyValuePair<string, object?>(tag, nameOf(d))));
}
