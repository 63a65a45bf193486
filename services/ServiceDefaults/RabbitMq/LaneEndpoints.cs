using System.Data.Common;
using ImagePipeline.Storage.Lanes;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>
/// Takes up lanes in a process that works on requests: the urgent one and those of the configured feeds at the start, and any other as soon as
/// somebody has sent to it.
/// </summary>
sealed partial class LaneEndpoints(
    IReceiveEndpointConnector connector,
    IEnumerable<ConfigureLane> workers,
    LaneTable table,
    FeedSettings feeds,
    IOptions<LaneOptions> options,
    TimeProvider time,
    ILogger<LaneEndpoints> logger) : BackgroundService
{
    readonly HashSet<string> _connected = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (workers.LastOrDefault() is not { } configure)
            return;
        foreach (var lane in feeds.Ids.Prepend(Lane.Urgent))
            Connect(lane, configure);

        using var timer = new PeriodicTimer(options.Value.SearchInterval, time);
        do
        {
            try
            {
                foreach (var lane in await table.AllAsync(stoppingToken))
                    Connect(lane, configure);
            }
            catch (DbException e)
            {
                // The next search is the retry: what waits in a new lane goes on waiting there.
                Log.SearchFailed(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // The endpoint itself tries again for as long as it takes to connect.
    void Connect(string lane, ConfigureLane configure)
    {
        if (!_connected.Add(lane))
            return;
        connector.ConnectReceiveEndpoint(Lane.Queue(lane), (context, endpoint) =>
        {
            BrokerTopology.Apply((IRabbitMqReceiveEndpointConfigurator)endpoint, lane);
            configure(context, endpoint, lane);
        });
        Log.TakenUp(logger, lane);
    }

    static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Lane {Lane} is taken up")]
        public static partial void TakenUp(ILogger logger, string lane);

        [LoggerMessage(LogLevel.Warning, "The search for new lanes failed and is repeated: {Message}")]
        public static partial void SearchFailed(ILogger logger, string message);
    }
}
