using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.PhotoWorker.Tests;

/// <summary>The real PhotoWorker on the real bus and a store of files, with a subscriber that keeps all it hears, one message after the other.</summary>
sealed class WorkerHost : IAsyncDisposable
{
    readonly IHost _host;
    readonly MeterListener _meters = new();
    readonly ConcurrentQueue<string> _outcomes = new();
    long _retries;

    WorkerHost(IHost host) => _host = host;

    public Heard Heard => The<Heard>();

    public IPhotoStore Store => The<IPhotoStore>();

    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>What was counted as a photo's outcome, in turn.</summary>
    public IEnumerable<string> Outcomes => _outcomes;

    public T The<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public static Task<WorkerHost> StartAsync(TempFolder folder, params (string Key, string Value)[] settings) => StartAsync(folder, null, settings);

    /// <param name="folder">Where the store is.</param>
    /// <param name="store">Puts a double in front of the store of files; it is told what was heard.</param>
    /// <param name="settings">Beside the test's own: a private address is allowed, and the rungs are short.</param>
    public static async Task<WorkerHost> StartAsync(
        TempFolder folder, Func<IPhotoStore, Heard, IPhotoStore>? store, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "InMemory",
            ["PhotoWorker:Fetching:AllowedPrivateHosts:0"] = "127.0.0.1",
            ["Store:Url"] = $"file:{folder["store"]}",
            ["Rungs:Delays:0"] = "00:00:00.010",
            ["Rungs:Delays:1"] = "00:00:00.020",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value)));
        builder.Services.AddMetrics();
        FeedSettings.Add(builder.Services);
        builder.Services.AddSingleton<Heard>();
        builder.Services.AddPhotoStore();
        if (store is not null)
            builder.Services.AddSingleton(services => store(new FilePhotoStore(folder["store"]), services.GetRequiredService<Heard>()));
        builder.AddBus(bus =>
        {
            bus.AddPhotoWorkerConsumers();
            // Of the endpoint: a limit of the consumer alone lets messages overtake each other on the way to it.
            bus.AddConsumer<Subscriber>().Endpoint(e => e.ConcurrentMessageLimit = 1);
        });
        builder.Services.AddPhotoWorker();
        var host = builder.Build();
        // MassTransit's log context flows with the test, and would hold on to the loggers of a host that the test has stopped.
        LogContext.ConfigureCurrentLogContext(host.Services.GetRequiredService<ILoggerFactory>());
        var worker = new WorkerHost(host);
        worker.Count();
        await host.StartAsync();
        return worker;
    }

    /// <summary>Puts a request into its lane.</summary>
    public Task AskAsync(PhotoRequested request) => The<ILanes>().SendAsync([request], CancellationToken.None);

    /// <summary>Puts a request into its lane and waits for the photo.</summary>
    public async Task<PhotoStored> StoredAsync(PhotoRequested request)
    {
        var before = Heard.All<PhotoStored>().Count;
        await AskAsync(request);
        return (await Heard.UntilAsync<PhotoStored>(before + 1))[^1];
    }

    /// <summary>Every key in the store.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync() => await Store.ListAsync("", CancellationToken.None).Order().ToListAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _meters.Dispose();
        _host.Dispose();
    }

    void Count()
    {
        // Not looked up when an instrument is published: those of other tests are, too, also when this host is gone.
        var mine = The<IMeterFactory>();
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is "imagepipe.photos" or "imagepipe.photos.retries" && instrument.Meter.Scope == mine)
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (instrument.Name == "imagepipe.photos")
                _outcomes.Enqueue((string)tags.ToArray().Single(tag => tag.Key == "outcome").Value!);
            else
                Interlocked.Add(ref _retries, value);
        });
        _meters.Start();
    }

    sealed class Subscriber(Heard heard) : IConsumer<PhotoStored>, IConsumer<PhotoRejected>, IConsumer<PhotoUrlExpired>, IConsumer<Fault<PhotoRequested>>
    {
        public Task Consume(ConsumeContext<PhotoStored> context) => heard.Add(context.Message);

        public Task Consume(ConsumeContext<PhotoRejected> context) => heard.Add(context.Message);

        public Task Consume(ConsumeContext<PhotoUrlExpired> context) => heard.Add(context.Message);

        public Task Consume(ConsumeContext<Fault<PhotoRequested>> context) => heard.Add(context.Message);
    }
}
