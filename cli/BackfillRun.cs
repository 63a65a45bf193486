using ImagePipeline.ListingNotifier;
using ImagePipeline.PhotoWorker;
using ImagePipeline.PhotoWorker.Imaging;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.ServiceDefaults.Hosting;
using ImagePipeline.ServiceDefaults.RabbitMq;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Lanes;
using ImagePipeline.Storage.Photos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ImagePipeline.Cli;

/// <summary>
/// A backfill as a process: with ListingNotifier beside it on the in-memory bus, or alone, telling the one that runs as a service on RabbitMQ.
/// </summary>
sealed class BackfillRun : IAsyncDisposable
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    readonly IHost _host;
    readonly RunTally _tally;
    readonly RunLock? _lock;
    readonly string? _feed;

    BackfillRun(IHost host, RunTally tally, RunLock? runLock, string? feed) => (_host, _tally, _lock, _feed) = (host, tally, runLock, feed);

    T The<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Checks everything that can be wrong before anything is done, then starts.</summary>
    /// <param name="settings">What the command line says.</param>
    /// <param name="feed">The feed; null for all.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<BackfillRun> StartAsync(IEnumerable<KeyValuePair<string, string?>> settings, string? feed, CancellationToken cancellation)
    {
        var host = Build(settings);
        RunLock? runLock = null;
        try
        {
            Settings.Check(host.Services);
            ImageEngine.SelfTest();
            await CheckBusAsync(host.Services, cancellation);
            await host.Services.GetRequiredService<IPhotoStore>().CheckAsync(cancellation);
            var database = host.Services.GetRequiredService<PipelineDatabase>();
            if (await DatabaseSchema.CheckAsync(database, cancellation) is null)
                throw new CannotStartException($"There is no state in {database.Name}; --state names another, or the environment variable Database__ConnectionString.");
            runLock = RunLock.Take(database);
            await DatabaseSchema.UpgradeAsync(database, cancellation);
            await CheckBelongsAsync(host.Services, cancellation);
            if (feed is not null && !await host.Services.GetRequiredService<BackfillTable>().IsKnownAsync(feed, cancellation))
                throw new CannotStartException($"Feed {feed} has no listings in {database.Name}.");

            var tally = new RunTally();
            await host.StartAsync(cancellation);
            return new BackfillRun(host, tally, runLock, feed);
        }
        catch
        {
            host.Dispose();
            runLock?.Dispose();
            throw;
        }
    }

    /// <summary>Shows progress until every listing that was changed is announced, and sums up.</summary>
    public async Task<BackfillSummary> CompleteAsync(CancellationToken cancellation)
    {
        var profile = The<RenditionProfile>();
        RunProgress.Say($"Profile {profile.Key}: {string.Join(", ", profile.Renditions.Select(r => $"{r.Name}.{r.Extension}"))}.");
        var work = WorkAsync(cancellation);
        await RunProgress.ShowAsync(
            The<TimeProvider>(), _ => Task.FromResult(View), () => work.IsCompleted, work, BackfillProgress.Draw, BackfillProgress.Line, cancellation);
        return BackfillSummary.Of(profile.Key, View);
    }

    BackfillView View => new(The<BackfillTally>(), The<Gates>().Closed, _tally.Snapshot());

    async Task WorkAsync(CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, The<IHostApplicationLifetime>().ApplicationStopping);
        var stall = new Stall(
            The<IOptions<RunOptions>>().Value.GiveUpAfter,
            The<TimeProvider>(),
            "are not backfilled and announced; see the sentences above for the cause, and whether a ListingNotifier of this version runs");
        var work = The<Backfill>().RunAsync(_feed, either.Token);
        try
        {
            while (!work.IsCompleted)
            {
                stall.Look(The<BackfillTally>().ListingsLeft, _tally.Snapshot(), The<Gates>().Closed);
                await Task.WhenAny(work, Task.Delay(Look, The<TimeProvider>(), either.Token));
            }
            await work;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new RunBrokenException("A part of the backfill has failed and stopped it.");
        }
        finally
        {
            await either.CancelAsync();
        }
    }

    static IHost Build(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = CommandHost.Create(configuration =>
        {
            configuration.AddInMemoryCollection(
            [
                new("Bus:Transport", nameof(BusTransport.InMemory)),
                // As in a run: a claim left over is that of one that was killed.
                new("ListingNotifier:ClaimTime", "00:00:05"),
            ]);
            configuration.AddEnvironmentVariables();
            configuration.AddInMemoryCollection(settings);
        });
        var isInMemory = Transport(builder.Configuration) == BusTransport.InMemory;
        builder.AddBus(bus =>
        {
            if (isInMemory)
                bus.AddListingSaga();
        });
        builder.SilenceBus();
        if (isInMemory)
            builder.Services.AddListingNotifier();
        builder.Services.AddKeptPhotos();
        builder.Services.AddValidatedOptions<BackfillOptions>("Backfill");
        builder.Services.AddSingleton<LaneTable>();
        builder.Services.AddSingleton<BackfillTable>();
        builder.Services.AddSingleton<BackfillTally>();
        builder.Services.AddSingleton<AnnouncementWatch>();
        builder.Services.AddSingleton<Backfill>();
        return builder.Build();
    }

    static BusTransport Transport(ConfigurationManager configuration)
    {
        var bus = new BusOptions();
        Settings.Bind(configuration.GetSection("Bus"), bus);
        return bus.Transport;
    }

    // Where it is not there the bus would wait for it.
    static async Task CheckBusAsync(IServiceProvider services, CancellationToken cancellation)
    {
        if (services.GetRequiredService<IOptions<BusOptions>>().Value.Transport == BusTransport.InMemory)
            return;
        var database = services.GetRequiredService<PipelineDatabase>();
        if (database.IsSqlite)
            throw new CannotStartException(
                $"{database.Name} is a SQLite file, and services on a broker have PostgreSQL: name theirs with the environment variable Database__ConnectionString.");
        await BrokerConnection.CheckAsync(services.GetRequiredService<IOptions<RabbitMqOptions>>().Value, cancellation);
    }

    // Announced in this process alone, the website of services on a broker would hear nothing, now or later.
    static async Task CheckBelongsAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var isSaid = new ConfigurationBuilder().AddEnvironmentVariables().Build()["Bus:Transport"] is not null;
        if (!isSaid && (await services.GetRequiredService<LaneTable>().AllAsync(cancellation)).Count > 0)
            throw new CannotStartException(
                $"{services.GetRequiredService<PipelineDatabase>().Name} is the state of services on RabbitMQ: set Bus__Transport=RabbitMq and RabbitMqTransport__… as they have it, "
                + "or Bus__Transport=InMemory when there are none any more.");
    }

    /// <summary>Stops; what it was at is found again by the next backfill.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        _tally.Dispose();
        _lock?.Dispose();
    }
}
