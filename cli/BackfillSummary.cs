using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ImagePipeline.Cli;

/// <summary>What a backfill has come to.</summary>
sealed record BackfillSummary
{
    static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The profile and its hash, as in the renditions' keys.</summary>
    public required string Profile { get; init; }

    public required ListingNumbers Listings { get; init; }

    public required PhotoNumbers Photos { get; init; }

    public required long Puts { get; init; }

    public required long BytesStored { get; init; }

    public required double ElapsedSeconds { get; init; }

    public required double PhotosPerSecond { get; init; }

    public required double CpuMsPerPhoto { get; init; }

    public required long PeakRssBytes { get; init; }

    /// <summary>Up to 100 photos that are left in the profile they were in, one sentence each.</summary>
    public required IReadOnlyList<string> LeftAsTheyAre { get; init; }

    internal bool SomethingFailed => Photos.NoOriginal + Photos.Rejected + Photos.Failed + Listings.LeftToNewer > 0;

    public static BackfillSummary Of(string profile, BackfillView view)
    {
        var (tally, n) = (view.Tally, view.Numbers);
        var seconds = Math.Max(n.Elapsed.TotalSeconds, 0.001);
        return new BackfillSummary
        {
            Profile = profile,
            Listings = new(tally.LookedAt, tally.Told, tally.Announced, tally.Later, tally.LeftToNewer),
            Photos = new(tally.Rendered, tally.AlreadyThere, tally.NoOriginal, tally.Rejected, tally.Failed),
            Puts = n.Puts,
            BytesStored = n.BytesStored,
            ElapsedSeconds = Math.Round(seconds, 3),
            PhotosPerSecond = Math.Round(tally.Rendered / seconds, 2),
            CpuMsPerPhoto = tally.Rendered == 0 ? 0 : Math.Round(n.Cpu.TotalMilliseconds / tally.Rendered, 2),
            PeakRssBytes = n.PeakRssBytes,
            LeftAsTheyAre = tally.Problems,
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    public string ToText()
    {
        var text = new StringBuilder();
        Line("Profile", Profile);
        Line("Listings", $"{Listings.LookedAt:N0} looked at: {Listings.Backfilled:N0} backfilled; {Listings.Announced:N0} announced, {Listings.NotFinal:N0} not final yet");
        if (Listings.LeftToNewer > 0)
            Line("", $"{Listings.LeftToNewer:N0} left as a newer backfill, to another profile, has told of them");
        Line("Photos", $"{Photos.Rendered:N0} rendered, {Photos.AlreadyThere:N0} already there, {Photos.NoOriginal:N0} without original, "
            + $"{Photos.Rejected:N0} rejected, {Photos.Failed:N0} failed");
        foreach (var left in LeftAsTheyAre.Take(10))
            Line("Left", left);
        Line("Store", $"{Puts:N0} objects written, {BytesStored / 1e6:N1} MB");
        Line("Time", $"{ElapsedSeconds:N1} s, {PhotosPerSecond:N1} photos/s, {CpuMsPerPhoto:N1} ms CPU a photo, {PeakRssBytes / 1048576.0:N0} MiB at most");
        return text.ToString().TrimEnd();

        void Line(string name, string value) => text.AppendLine(CultureInfo.InvariantCulture, $"{name,-11}{value}");
    }

    internal sealed record ListingNumbers(int LookedAt, int Backfilled, int Announced, int NotFinal, int LeftToNewer);

    internal sealed record PhotoNumbers(int Rendered, int AlreadyThere, int NoOriginal, int Rejected, int Failed);
}
