using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ImagePipeline.Cli;

/// <summary>Adds up the product's own metrics for one run: what a scraper would see, seen from within.</summary>
sealed class RunTally : IDisposable
{
    readonly ConcurrentDictionary<(string Instrument, string? Outcome), long> _sums = new();
    readonly MeterListener _listener = new();
    readonly Stopwatch _elapsed = Stopwatch.StartNew();
    readonly TimeSpan _cpuBefore = Process.GetCurrentProcess().TotalProcessorTime;

    public RunTally()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("ImagePipeline.", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        _listener.Start();
    }

    public RunNumbers Snapshot()
    {
        using var process = Process.GetCurrentProcess();
        return new RunNumbers
        {
            Gets = Sum("imagepipe.fetch.gets"),
            Retries = Sum("imagepipe.photos.retries"),
            BytesDownloaded = Sum("imagepipe.fetch.bytes"),
            BytesStored = Sum("imagepipe.store.bytes"),
            Puts = Sum("imagepipe.store.puts"),
            Stored = _sums.GetValueOrDefault(("imagepipe.photos", "stored")),
            Elapsed = _elapsed.Elapsed,
            Cpu = process.TotalProcessorTime - _cpuBefore,
            PeakRssBytes = process.PeakWorkingSet64,
        };
    }

    long Sum(string instrument) => _sums.Where(s => s.Key.Instrument == instrument).Sum(s => s.Value);

    void Add(string instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string? outcome = null;
        foreach (var tag in tags)
        {
            if (tag.Key == "outcome")
                outcome = tag.Value as string;
        }
        _sums.AddOrUpdate((instrument, outcome), value, (_, sum) => sum + value);
    }

    public void Dispose() => _listener.Dispose();
}

/// <summary>The numbers of a run so far.</summary>
sealed record RunNumbers
{
    public required long Gets { get; init; }

    public required long Retries { get; init; }

    public required long BytesDownloaded { get; init; }

    public required long BytesStored { get; init; }

    public required long Puts { get; init; }

    /// <summary>Photos stored by this run.</summary>
    public required long Stored { get; init; }

    public required TimeSpan Elapsed { get; init; }

    public required TimeSpan Cpu { get; init; }

    public required long PeakRssBytes { get; init; }
}
