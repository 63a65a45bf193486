using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Fetching;
using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

/// <summary>The fetcher as the worker wires it, allowed to reach 127.0.0.1.</summary>
sealed class Rig : IAsyncDisposable
{
    readonly ServiceProvider _services;
    readonly MeterListener _listener = new();

    public Rig(
        Action<FetchingOptions>? fetching = null, Action<FeedOptions>? feed = null, TimeProvider? time = null, HostGuard.Resolve? resolve = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddLogging(logging => logging.AddProvider(Log));
        services.AddSingleton<IMeterFactory>(new TestMeters());
        services.AddFetching();
        services.Configure<FetchingOptions>(options =>
        {
            options.AllowedPrivateHosts = ["127.0.0.1"];
            fetching?.Invoke(options);
        });
        services.Configure<FeedOptions>(Some.Feed, options => feed?.Invoke(options));
        if (time is not null)
            services.Replace(ServiceDescriptor.Singleton(time));
        if (resolve is not null)
            services.Replace(ServiceDescriptor.Singleton(resolve));
        _services = services.BuildServiceProvider();
        Fetcher = _services.GetRequiredService<PhotoFetcher>();
        Gates = _services.GetRequiredService<Gates>();
        Listen(((TestMeters)_services.GetRequiredService<IMeterFactory>()).Made);
    }

    public PhotoFetcher Fetcher { get; }

    public Gates Gates { get; }

    public SignallingLog Log { get; } = new();

    /// <summary>The outcomes of the requests that were counted, in order.</summary>
    public ConcurrentQueue<string> Gets { get; } = new();

    public long BytesCounted;

    public Task<FetchedPhoto> FetchAsync(PhotoRequested request, int earlierTries = 0, CancellationToken cancellation = default) =>
        Fetcher.FetchAsync(request, earlierTries, cancellation);

    public Task<FetchedPhoto> FetchAsync(string url) => FetchAsync(Some.Request(url));

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _services.DisposeAsync();
    }

    /// <summary>Resolves every name to these, one after the other, the last for ever.</summary>
    public static HostGuard.Resolve Addresses(params string[] addresses)
    {
        var next = -1;
        return (_, _) => Task.FromResult<IPAddress[]>(
            [.. addresses[Math.Min(Interlocked.Increment(ref next), addresses.Length - 1)].Split(' ').Select(IPAddress.Parse)]);
    }

    void Listen(ConcurrentQueue<Meter> meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (meters.Contains(instrument.Meter) && instrument.Name.StartsWith("imagepipe.fetch.", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (instrument.Name == "imagepipe.fetch.bytes")
                Interlocked.Add(ref BytesCounted, value);
            else
                Gets.Enqueue((string)tags.ToArray().Single(tag => tag.Key == "outcome").Value!);
        });
        _listener.Start();
    }

    sealed class TestMeters : IMeterFactory
    {
        public ConcurrentQueue<Meter> Made { get; } = new();

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            Made.Enqueue(meter);
            return meter;
        }

        public void Dispose()
        {
            foreach (var meter in Made)
                meter.Dispose();
        }
    }
}
