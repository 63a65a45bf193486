using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>
/// One gate per feed, for what is everybody's trouble in that feed and not one photo's: the vendor's 429. A closed gate holds every photo
/// of its feed and uses none of their retries. When its time is over one photo passes as the probe; its success opens the gate, another
/// refusal closes it for longer.
/// </summary>
/// <remarks>Known to this process only: several workers each find out for themselves.</remarks>
sealed class FeedGates(IOptions<FetchingOptions> options, TimeProvider time, Func<double> random, ILogger<FeedGates> log) : IDisposable
{
    readonly ConcurrentDictionary<string, FeedGate> _gates = new(StringComparer.Ordinal);

    /// <summary>The gates that are closed, by feed.</summary>
    public IReadOnlyList<ClosedGate> Closed =>
        [.. _gates.Values.Select(gate => gate.Closed).OfType<ClosedGate>().OrderBy(closed => closed.Feed, StringComparer.Ordinal)];

    /// <summary>Holds while the feed's gate is closed.</summary>
    public ValueTask<GatePass> WaitAsync(string feed, CancellationToken cancellation) => Of(feed).WaitAsync(cancellation);

    /// <summary>Closes the feed's gate for <paramref name="retryAfter"/>, at most <see cref="FetchingOptions.MaxRetryAfter"/>; without it for
    /// 1 s, doubling with each refused probe up to 5 min, jittered. Of a gate that is closed it can only move the end to later.</summary>
    public void Close(string feed, TimeSpan? retryAfter, string why) => Of(feed).Close(retryAfter, why, by: null);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var gate in _gates.Values)
            gate.Dispose();
    }

    FeedGate Of(string feed) => _gates.GetOrAdd(feed, static (feed, gates) => gates.Make(feed), this);

    FeedGate Make(string feed) => new(feed, options.Value.MaxRetryAfter, time, random, log);
}
