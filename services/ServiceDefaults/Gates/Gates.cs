using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ServiceDefaults;

/// <summary>
/// The gates by name, for what is everybody's trouble and not one photo's: a vendor's 429, the store or the database gone. A closed gate holds
/// whoever needs what is behind it and uses none of their retries. When its time is over one passes as the probe; its success opens the gate,
/// another refusal closes it for longer.
/// </summary>
/// <remarks>What <see cref="GateKeeper"/> tells other processes closes their gates too; each lets its own probe through.</remarks>
public sealed class Gates : IDisposable
{
    /// <summary>The gate in front of the photo store.</summary>
    public const string Store = "store";

    /// <summary>The gate in front of the database.</summary>
    public const string Database = "database";

    const string FeedPrefix = "feed:";

    readonly ConcurrentDictionary<string, Gate> _gates = new(StringComparer.Ordinal);
    readonly Func<string, Gate> _make;

    internal Gates(IOptions<GateOptions> options, TimeProvider time, Func<double> random, GateMetrics? metrics, ILogger<Gates> log)
    {
        _make = name => new Gate(name, options.Value, time, random, metrics, log);
        metrics?.Show(this);
    }

    /// <summary>The gate in front of a feed's vendor.</summary>
    public static string Feed(string feed) => FeedPrefix + feed;

    /// <summary>The feed whose gate has this name; null for another's.</summary>
    public static string? FeedOf(string gate) => gate.StartsWith(FeedPrefix, StringComparison.Ordinal) ? gate[FeedPrefix.Length..] : null;

    /// <summary>The gates that are closed, by name.</summary>
    public IReadOnlyList<ClosedGate> Closed =>
        [.. _gates.Values.Select(gate => gate.Closed).OfType<ClosedGate>().OrderBy(closed => closed.Name, StringComparer.Ordinal)];

    /// <summary>Whether a gate is closed.</summary>
    public bool IsClosed(string name) => _gates.TryGetValue(name, out var gate) && gate.Closed is not null;

    /// <summary>Holds while the gate is closed. Dispose the pass when the try is over.</summary>
    public ValueTask<GatePass> WaitAsync(string name, CancellationToken cancellation) => Of(name).WaitAsync(cancellation);

    /// <summary>A pass if one can be had at once: the gate is open, or its time is over and nobody is the probe. Else null.</summary>
    public GatePass? TryPass(string name) => Of(name).TryPass();

    /// <summary>Closes the gate for <paramref name="pause"/>; without it for a pause that doubles with each refused probe. Of a gate that is closed
    /// it can only move the end to later.</summary>
    public void Close(string name, TimeSpan? pause, string why) => Of(name).Close(pause, why, by: null);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var gate in _gates.Values)
            gate.Dispose();
    }

    internal IEnumerable<Gate> All => _gates.Values;

    internal Gate Of(string name) => _gates.GetOrAdd(name, _make);
}
