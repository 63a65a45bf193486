using System.Globalization;
using System.Text;
using System.Text.Json;
using ImagePipeline.Contracts;

namespace ImagePipeline.Cli;

/// <summary>
/// What a run has come to. For the feeds of the run, <c>photos.requested</c> = <c>stored</c> (by this run) + <c>alreadyStored</c> + <c>rejected</c> +
/// <c>failed</c> when every listing is final.
/// </summary>
sealed record RunSummary
{
    static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required ListingNumbers Listings { get; init; }

    public required PhotoNumbers Photos { get; init; }

    public required RecordNumbers Records { get; init; }

    public required IReadOnlyDictionary<string, int> RejectedByReason { get; init; }

    public required HttpNumbers Http { get; init; }

    public required ByteNumbers Bytes { get; init; }

    public required long Puts { get; init; }

    public required double ElapsedSeconds { get; init; }

    public required double PhotosPerSecond { get; init; }

    public required double CpuMsPerPhoto { get; init; }

    public required long PeakRssBytes { get; init; }

    public required CostNumbers Cost { get; init; }

    /// <summary>One sentence for each feed that could not be read to its end.</summary>
    public required IReadOnlyList<string> UnreadableFeeds { get; init; }

    /// <summary>Up to ten photos that failed, one sentence each.</summary>
    public required IReadOnlyList<string> FailedPhotos { get; init; }

    internal bool SomethingFailed => Photos.Failed > 0 || Records.Refused > 0 || UnreadableFeeds.Count > 0;

    public static RunSummary Of(RunView view, IReadOnlyList<MissingLine> missing, int withdrawn)
    {
        var n = view.Numbers;
        var stored = view.Totals.Sum(t => t.Stored);
        var seconds = Math.Max(n.Elapsed.TotalSeconds, 0.001);
        var photosDone = Math.Max(n.Stored, 1);
        return new RunSummary
        {
            Listings = new(
                view.Totals.Sum(t => t.Ready), view.Totals.Sum(t => t.Complete), view.Totals.Sum(t => t.Listings) - view.Totals.Sum(t => t.Complete) - withdrawn, withdrawn),
            Photos = new(
                view.Totals.Sum(t => t.Photos),
                (int)Math.Min(n.Stored, stored),
                (int)Math.Max(0, stored - n.Stored),
                view.Totals.Sum(t => t.Rejected),
                view.Totals.Sum(t => t.Failed)),
            Records = new(view.Feeds.Sum(f => f.Read), view.Feeds.Sum(f => f.Refused)),
            RejectedByReason = missing.Where(m => m.Photo.Rejection is not null).GroupBy(m => m.Photo.Rejection!.Value.ToString())
                .OrderByDescending(g => g.Count()).ToDictionary(g => g.Key, g => g.Count()),
            Http = new(n.Gets, n.Retries),
            Bytes = new(n.BytesDownloaded, n.BytesStored),
            Puts = n.Puts,
            ElapsedSeconds = Math.Round(seconds, 3),
            PhotosPerSecond = Math.Round(n.Stored / seconds, 2),
            CpuMsPerPhoto = n.Stored == 0 ? 0 : Math.Round(n.Cpu.TotalMilliseconds / photosDone, 2),
            PeakRssBytes = n.PeakRssBytes,
            Cost = CostNumbers.Of(n),
            UnreadableFeeds = [.. view.Feeds.Where(f => f.Failure is not null).Select(f => f.Failure!)],
            FailedPhotos = [.. missing.Where(m => m.Photo.Reason == MissingReason.Failed).Take(10)
                .Select(m => $"{m.Feed} {m.ListingKey} {m.Photo.MediaKey}: {m.Photo.Detail}")],
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    public string ToText()
    {
        var text = new StringBuilder();
        Line("Listings", $"{Listings.Ready:N0} ready: {Listings.Complete:N0} complete, {Listings.Incomplete:N0} incomplete; {Listings.Withdrawn:N0} withdrawn");
        Line("Photos", $"{Photos.Requested:N0}: {Photos.Stored:N0} stored, {Photos.AlreadyStored:N0} already stored, {Photos.Rejected:N0} rejected, {Photos.Failed:N0} failed");
        Line("Records", $"{Records.Read:N0} read, {Records.Refused:N0} refused");
        if (RejectedByReason.Count > 0)
            Line("Rejected", string.Join(", ", RejectedByReason.Select(r => $"{r.Key} {r.Value:N0}")));
        foreach (var failed in FailedPhotos)
            Line("Failed", failed);
        foreach (var feed in UnreadableFeeds)
            Line("Unreadable", feed);
        Line("Downloads", $"{Http.Gets:N0} GETs, {Http.Retries:N0} retries, {Bytes.Downloaded / 1e6:N1} MB");
        Line("Store", $"{Puts:N0} objects written, {Bytes.Stored / 1e6:N1} MB");
        Line("Time", $"{ElapsedSeconds:N1} s, {PhotosPerSecond:N1} photos/s, {CpuMsPerPhoto:N1} ms CPU a photo, {PeakRssBytes / 1048576.0:N0} MiB at most");
        Line("Cost", $"{Cost.UsdPerMillionPhotos:N2} USD a million photos: {Cost.Compute:N2} compute, {Cost.Puts:N2} S3 PUTs");
        return text.ToString().TrimEnd();

        void Line(string name, string value) => text.AppendLine(CultureInfo.InvariantCulture, $"{name,-11}{value}");
    }

    internal sealed record ListingNumbers(int Ready, int Complete, int Incomplete, int Withdrawn);

    internal sealed record PhotoNumbers(int Requested, int Stored, int AlreadyStored, int Rejected, int Failed);

    internal sealed record RecordNumbers(int Read, int Refused);

    internal sealed record HttpNumbers(long Gets, long Retries);

    internal sealed record ByteNumbers(long Downloaded, long Stored);

    /// <summary>What a million photos like these would cost in us-east-1, in USD.</summary>
    internal sealed record CostNumbers(double UsdPerMillionPhotos, double Compute, double Puts)
    {
        // AWS list prices, us-east-1: Fargate per vCPU-second and per GB-second, S3 per PUT.
        const double VCpuSecond = 0.04048 / 3600;
        const double GigabyteSecond = 0.004445 / 3600;
        const double Put = 0.005 / 1000;

        public static CostNumbers Of(RunNumbers n)
        {
            if (n.Stored == 0)
                return new(0, 0, 0);
            var cpuSeconds = n.Cpu.TotalSeconds / n.Stored;
            var compute = 1e6 * cpuSeconds * (VCpuSecond + (n.PeakRssBytes / 1e9 * GigabyteSecond));
            var puts = 1e6 * n.Puts / n.Stored * Put;
            return new(Math.Round(compute + puts, 2), Math.Round(compute, 2), Math.Round(puts, 2));
        }
    }
}
