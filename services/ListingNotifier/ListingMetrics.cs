using System.Diagnostics.Metrics;
using ImagePipeline.Contracts;

namespace ImagePipeline.ListingNotifier;

/// <summary>
/// Counts announcements, and measures how long the website waited. <c>imagepipe.listings.change_to_announced</c> is the time from what the feed calls
/// the change to the first final announcement of it, once for each generation. A listing that is imported long after its change counts with all of that
/// time: after a first import, look at what was recorded since.
/// </summary>
sealed class ListingMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "ImagePipeline.ListingNotifier";

    readonly Counter<long> _announcements;
    readonly Histogram<double> _changeToAnnounced;

    /// <summary>Makes the instruments.</summary>
    public ListingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _announcements = meter.CreateCounter<long>(
            "imagepipe.listings.announcements", "{announcement}", "PhotosReady published, by feed and whether the listing was complete.");
        _changeToAnnounced = meter.CreateHistogram(
            "imagepipe.listings.change_to_announced",
            "s",
            "From the change of a listing in its feed to the first final announcement of it.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [5, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400, 604_800] });
    }

    /// <summary>An announcement was published.</summary>
    public void Announced(PhotosReady ready, bool isFirstFinal, DateTimeOffset now)
    {
        var feed = new KeyValuePair<string, object?>("feed", ready.Feed);
        _announcements.Add(1, feed, new("state", ready.Complete ? "complete" : "incomplete"));
        // A feed's clock may be ahead of ours.
        if (isFirstFinal)
            _changeToAnnounced.Record(Math.Max(0, (now - ready.ChangedAt).TotalSeconds), feed);
    }
}
