using System.CommandLine;
using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.SampleMls;

/// <summary>
/// The server from the command line. Prints one line when it serves, and serves until Ctrl-C. Exit code 2 when it could not start.
/// </summary>
static class CommandLine
{
    static readonly SampleMlsOptions Defaults = new();

    static readonly Option<int> Port = Setting("--port", "Port on 127.0.0.1; 0 for any free one", Defaults.Port);
    static readonly Option<int> Seed = Setting("--seed", "What all chance starts from", Defaults.Seed);
    static readonly Option<string> Feed = Setting("--feed", "The feed's id", Defaults.Feed);
    static readonly Option<int> Listings = Setting("--listings", "How many listings", Defaults.Listings);
    static readonly Option<double> Mean =
        Setting("--mean-photos-per-listing", "Photos per listing in the mean; some have 0, some 129", Defaults.MeanPhotosPerListing);
    static readonly Option<int?> Total = Setting("--total-photos", "Exactly so many photos in all", Defaults.TotalPhotos);
    static readonly Option<int?> Each = Setting("--photos-per-listing", "Exactly so many photos for each listing", Defaults.PhotosPerListing);
    static readonly Option<int> Width = Setting("--width", "Width of the photos in pixels", Defaults.Width);
    static readonly Option<int> Height = Setting("--height", "Height of the photos in pixels", Defaults.Height);
    static readonly Option<int> Scenes = Setting("--scenes-per-kind", "Different pictures of each kind", Defaults.ScenesPerKind);
    static readonly Option<int> PageSize = Setting("--page-size", "Listings on a page", Defaults.PageSize);
    static readonly Option<int> MaxPageSize = Setting("--max-page-size", "Listings on a page, whatever $top says", Defaults.MaxPageSize);
    static readonly Option<double> Median =
        Setting("--latency-median-ms", "Median milliseconds until a photo's answer starts", Defaults.LatencyMedianMs);
    static readonly Option<double> Spread =
        Setting("--latency-spread-ms", "One answer in six starts later than median and spread", Defaults.LatencySpreadMs);
    static readonly Option<double> P503 = Setting("--percent-503", "Percentage of GETs answered 503", Defaults.Percent503);
    static readonly Option<double> P429 = Setting("--percent-429", "Percentage of GETs answered 429", Defaults.Percent429);
    static readonly Option<int> RetryAfter = Setting("--retry-after-seconds", "Retry-After of a 429", Defaults.RetryAfterSeconds);
    static readonly Option<double> Reset = Setting("--percent-reset", "Percentage of GETs whose connection is reset half way", Defaults.PercentReset);
    static readonly Option<double> Truncated =
        Setting("--percent-truncated", "Percentage of GETs whose body ends half way", Defaults.PercentTruncated);
    static readonly Option<int> InARow = Setting("--faults-in-a-row", "How often in a row a photo's GETs may fail so", Defaults.FaultsInARow);
    static readonly Option<double> Html = Setting("--percent-html", "Percentage of photos that are a web page", Defaults.PercentHtml);
    static readonly Option<double> P404 = Setting("--percent-404", "Percentage of photos that do not exist", Defaults.Percent404);
    static readonly Option<string?> PageFile = Setting<string?>("--write-page", "Write all listings to this file as one RESO page", null);
    static readonly Option<string?> NdjsonFile =
        Setting<string?>("--write-ndjson", "Write all listings to this file, a ListingPhotosSubmitted per line", null);

    public static async Task<int> RunAsync(string[] args)
    {
        var command = new RootCommand("A small MLS: a RESO Web API and a photo server with latency and faults, for tests and demonstrations.")
        {
            Port, Seed, Feed, Listings, Mean, Total, Each, Width, Height, Scenes, PageSize, MaxPageSize, Median, Spread,
            P503, P429, RetryAfter, Reset, Truncated, InARow, Html, P404, PageFile, NdjsonFile,
        };
        command.SetAction(ServeAsync);
        var parsed = command.Parse(args);
        var exitCode = await parsed.InvokeAsync();
        return parsed.Errors.Count > 0 ? 2 : exitCode;
    }

    static async Task<int> ServeAsync(ParseResult parsed, CancellationToken stopped)
    {
        try
        {
            await using var server = await SampleMlsServer.StartAsync(Read(parsed), cancellation: stopped);
            if (parsed.GetValue(PageFile) is { } page) await server.WritePageAsync(page, stopped);
            if (parsed.GetValue(NdjsonFile) is { } ndjson) await server.WriteNdjsonAsync(ndjson, stopped);
            var address = server.Address.GetLeftPart(UriPartial.Authority);
            Console.WriteLine($"SampleMls serves {server.ListingKeys.Count} listings, {server.Photos.Count} photos at {address}");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopped);
            return 0;
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception problem) when (problem is ValidationException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"SampleMls cannot start: {problem.Message}");
            return 2;
        }
    }

    static SampleMlsOptions Read(ParseResult parsed) => new()
    {
        Port = parsed.GetValue(Port),
        Seed = parsed.GetValue(Seed),
        Feed = parsed.GetValue(Feed)!,
        Listings = parsed.GetValue(Listings),
        MeanPhotosPerListing = parsed.GetValue(Mean),
        TotalPhotos = parsed.GetValue(Total),
        PhotosPerListing = parsed.GetValue(Each),
        Width = parsed.GetValue(Width),
        Height = parsed.GetValue(Height),
        ScenesPerKind = parsed.GetValue(Scenes),
        PageSize = parsed.GetValue(PageSize),
        MaxPageSize = parsed.GetValue(MaxPageSize),
        LatencyMedianMs = parsed.GetValue(Median),
        LatencySpreadMs = parsed.GetValue(Spread),
        Percent503 = parsed.GetValue(P503),
        Percent429 = parsed.GetValue(P429),
        RetryAfterSeconds = parsed.GetValue(RetryAfter),
        PercentReset = parsed.GetValue(Reset),
        PercentTruncated = parsed.GetValue(Truncated),
        FaultsInARow = parsed.GetValue(InARow),
        PercentHtml = parsed.GetValue(Html),
        Percent404 = parsed.GetValue(P404),
    };

    static Option<T> Setting<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
