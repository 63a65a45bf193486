using System.Diagnostics.Metrics;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>How a request for a photo ended; the tag <c>outcome</c>, in lower case.</summary>
enum GetOutcome
{
    /// <summary>The photo's bytes came.</summary>
    Ok,

    /// <summary>The vendor sent us elsewhere, and that is the next request.</summary>
    Redirected,

    /// <summary>404 or 410.</summary>
    Gone,

    /// <summary>429.</summary>
    Limited,

    /// <summary>The lease on the URL had ended.</summary>
    Expired,

    /// <summary>The answer was bad data, or refused for good.</summary>
    Rejected,

    /// <summary>A 5xx, a timeout, a broken connection.</summary>
    Failed,

    /// <summary>The worker was stopped.</summary>
    Cancelled,
}

/// <summary>
/// Counts requests for photos. <c>imagepipe.fetch.gets</c> counts what was sent on the wire: a photo's first GET and one more for each
/// redirect that was followed, none for a connection that could not be made. It equals what the vendors count.
/// </summary>
sealed class FetchMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "ImagePipeline.PhotoWorker";

    readonly Meter _meter;
    readonly Counter<long> _gets;
    readonly Counter<long> _bytes;
    readonly Histogram<double> _duration;

    /// <summary>Makes the instruments.</summary>
    public FetchMetrics(IMeterFactory meters)
    {
        var meter = _meter = meters.Create(MeterName);
        _gets = meter.CreateCounter<long>("imagepipe.fetch.gets", "{request}", "Requests for photos sent, redirects included.");
        _bytes = meter.CreateCounter<long>("imagepipe.fetch.bytes", "By", "Bytes of photo bodies received, also of those not kept.");
        _duration = meter.CreateHistogram<double>("imagepipe.fetch.duration", "s", "From a request's start to its last byte.");
    }

    /// <summary>Shows how many bytes of photos are held.</summary>
    public void Show(BytesInFlight inFlight) => _meter.CreateObservableGauge(
        "imagepipe.in_flight", () => inFlight.InUse, "By", "Bytes of photos held: received and not rendered yet, or rendered and not stored yet.");

    /// <summary>One request has ended.</summary>
    public void Got(string feed, GetOutcome outcome, TimeSpan took)
    {
        var tags = new KeyValuePair<string, object?>[] { new("feed", feed), new("outcome", Name(outcome)) };
        _gets.Add(1, tags);
        _duration.Record(took.TotalSeconds, tags);
    }

    /// <summary>Bytes of a body have come.</summary>
    public void Received(string feed, long bytes) => _bytes.Add(bytes, new KeyValuePair<string, object?>("feed", feed));

    static string Name(GetOutcome outcome) => outcome switch
    {
        GetOutcome.Ok => "ok",
        GetOutcome.Redirected => "redirected",
        GetOutcome.Gone => "gone",
        GetOutcome.Limited => "limited",
        GetOutcome.Expired => "expired",
        GetOutcome.Rejected => "rejected",
        GetOutcome.Failed => "failed",
        _ => "cancelled",
    };
}
