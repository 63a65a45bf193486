using System.Data.Common;
using ImagePipeline.FeedIngest;
using ImagePipeline.FeedIngest.Feeds;
using ImagePipeline.ListingNotifier;
using ImagePipeline.PhotoWorker;
using ImagePipeline.PhotoWorker.Imaging;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.ServiceDefaults.Hosting;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Failures;
using ImagePipeline.Storage.Photos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ImagePipeline.Cli;

/// <summary>All three services in this process, on the in-memory bus, from the start until every listing is final.</summary>
sealed class PipelineRun : IAsyncDisposable
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    readonly IHost _host;
    readonly RunTally _tally;
    readonly RunLock? _lock;
    readonly DateTimeOffset _start;
    IReadOnlyList<FeedTotals> _totals = [];

    PipelineRun(IHost host, RunTally tally, RunLock? runLock)
    {
        _host = host;
        _tally = tally;
        _lock = runLock;
        _start = The<TimeProvider>().GetUtcNow();
    }

    T The<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Checks everything that can be wrong before anything is done, then starts.</summary>
    public static async Task<PipelineRun> StartAsync(RunSetup setup, CancellationToken cancellation)
    {
        var host = Build(setup);
        RunLock? runLock = null;
        try
        {
            Settings.Check(host.Services);
            await CheckFeedsAsync(host.Services, cancellation);
            ImageEngine.SelfTest();
            await host.Services.GetRequiredService<IPhotoStore>().CheckAsync(cancellation);
            var database = host.Services.GetRequiredService<PipelineDatabase>();
            runLock = RunLock.Take(database);
            await DatabaseSchema.UpgradeAsync(database, cancellation);
            var run = new PipelineRun(host, new RunTally(), runLock);
            // Those of feeds that only their records name are found out while it runs.
            await run.TakeOverFailuresAsync(host.Services.GetRequiredService<FeedSettings>().Ids, cancellation);
            await host.StartAsync(cancellation);
            return run;
        }
        catch
        {
            host.Dispose();
            runLock?.Dispose();
            throw;
        }
    }

    /// <summary>Shows progress until every listing is final, and sums up.</summary>
    public async Task<RunSummary> CompleteAsync(CancellationToken cancellation)
    {
        var isEnded = false;
        await RunProgress.ShowAsync(The<TimeProvider>(), LookAsync, () => isEnded, Work(), cancellation);
        await TakeOverFailuresAsync([.. The<FeedStatuses>().All.Select(f => f.Feed)], cancellation);
        return await SumUpAsync(cancellation);

        async Task Work()
        {
            var stopped = The<IHostApplicationLifetime>().ApplicationStopping;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stopped);
            try
            {
                var stall = new Stall(The<IOptions<RunOptions>>().Value.GiveUpAfter, The<TimeProvider>());
                await WatchAsync(The<FeedStatuses>().ReadOnce, stall, either.Token);
                while (await CountNotFinalAsync(stall, either.Token) is var left && (left > 0 || IsWatching))
                {
                    if (!IsWatching)
                        stall.Look(left, _tally.Snapshot(), The<Gates>().Closed);
                    await Task.Delay(Look, The<TimeProvider>(), either.Token);
                }
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new RunBrokenException("A part of the run has failed and stopped it.");
            }
            finally
            {
                isEnded = true;
            }
        }
    }

    // What failed in a run before this one, this one asks for again.
    Task<int> TakeOverFailuresAsync(IReadOnlyCollection<string> feeds, CancellationToken cancellation) =>
        The<FailedMessageTable>().LeaveToRunAsync(IsWatching ? null : feeds, _start, cancellation);

    bool IsWatching => The<IOptions<FeedIngestOptions>>().Value.Watch;

    // What is awaited may itself wait at a gate.
    async Task WatchAsync(Task work, Stall stall, CancellationToken cancellation)
    {
        while (!work.IsCompleted)
        {
            if (!IsWatching)
                stall.Look(The<Gates>().Closed);
            await Task.WhenAny(work, Task.Delay(Look, The<TimeProvider>(), cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
        await work;
    }

    async Task<int> CountNotFinalAsync(Stall stall, CancellationToken cancellation)
    {
        var count = CountNotFinalAsync(cancellation);
        await WatchAsync(count, stall, cancellation);
        return await count;
    }

    async Task<int> CountNotFinalAsync(CancellationToken cancellation)
    {
        var count = 0;
        foreach (var feed in The<FeedStatuses>().All)
            count += await The<FeedListingTable>().CountNotFinalAsync(feed.Feed, cancellation);
        return count;
    }

    async Task<RunView> LookAsync(CancellationToken cancellation)
    {
        var feeds = The<FeedStatuses>().All;
        try
        {
            // What is shown must not wait: least of all that the database is gone.
            var report = new ListingReport(The<PipelineDatabase>().WithoutGate(), The<TimeProvider>());
            _totals = await report.TotalsAsync([.. feeds.Select(f => f.Feed)], cancellation);
        }
        catch (DbException) when (The<Gates>().IsClosed(Gates.Database))
        {
            // The closed gate is shown, with the totals of before.
        }
        return new RunView(_totals, feeds, The<Gates>().Closed, _tally.Snapshot());
    }

    async Task<RunSummary> SumUpAsync(CancellationToken cancellation)
    {
        var view = await LookAsync(cancellation);
        var missing = new List<MissingLine>();
        foreach (var feed in view.Feeds)
        {
            await foreach (var (listingKey, photo) in The<ListingReport>().MissingAsync(feed.Feed, cancellation))
                missing.Add(new MissingLine(feed.Feed, listingKey, photo));
        }
        var withdrawn = 0;
        foreach (var feed in view.Feeds)
            withdrawn += await The<FeedListingTable>().CountWithdrawnAsync(feed.Feed, cancellation);
        return RunSummary.Of(view, missing, withdrawn);
    }

    static IHost Build(RunSetup setup)
    {
        var builder = CommandHost.Create(setup.AddTo);
        builder.AddBus(bus =>
        {
            bus.AddFeedIngestConsumers();
            bus.AddPhotoWorkerConsumers();
            bus.AddListingSaga();
        });
        builder.SilenceBus();
        builder.Services.AddListingNotifier();
        builder.Services.AddPhotoWorker();
        builder.Services.AddFeedIngest();
        return builder.Build();
    }

    static async Task CheckFeedsAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var feeds = services.GetRequiredService<FeedSettings>();
        if (feeds.Ids.Count == 0)
            throw new CannotStartException("There is no feed to read: name one with --feed PATH-OR-URL or --feeds FILE.");

        var options = services.GetRequiredService<IOptionsMonitor<FeedOptions>>();
        foreach (var id in feeds.Ids)
        {
            if (await services.GetRequiredService<FeedSource>().PreflightAsync(id, options.Get(id), cancellation) is { } sentence)
                throw new CannotStartException(sentence);
        }
    }

    /// <summary>Stops the services; what they were at is found again by the next run.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        _tally.Dispose();
        _lock?.Dispose();
    }
}
