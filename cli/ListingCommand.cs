using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ImagePipeline.Contracts;
using ImagePipeline.ListingNotifier;
using ImagePipeline.ServiceDefaults.Hosting;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Photos;

namespace ImagePipeline.Cli;

/// <summary><c>imagepipe listing FEED KEY</c>: one listing's state and photos, as they would be announced now.</summary>
static class ListingCommand
{
    static readonly Argument<string> Feed = new("FEED") { Description = "the feed's id" };
    static readonly Argument<string> Key = new("KEY") { Description = "the listing's key in the feed" };
    static readonly Option<bool> Json = new("--json") { Description = "print as JSON, the same as the manifest" };
    static readonly StateArguments State = new();
    static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create()
    {
        var command = new Command("listing", "Show a listing's state and photos.");
        command.Arguments.Add(Feed);
        command.Arguments.Add(Key);
        State.AddTo(command);
        command.Options.Add(Json);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var options = new DatabaseOptions();
        ServiceDefaults.Settings.Bind(State.Configuration(parsed).GetSection("Database"), options);
        var store = new PhotoStoreOptions();
        ServiceDefaults.Settings.Bind(State.Configuration(parsed).GetSection(PhotoStoreOptions.Section), store);
        await using var database = PipelineDatabase.Open(options.ConnectionString);
        if (await DatabaseSchema.CheckAsync(database, cancellation) is null)
            throw new CannotStartException($"There is no state in {database.Name}; imagepipe run makes it, --state names another.");

        var (feed, key) = (parsed.GetRequiredValue(Feed), parsed.GetRequiredValue(Key));
        var report = new ListingReport(database, TimeProvider.System, store);
        if (await report.ListingAsync(feed, key, cancellation) is not { } listing)
        {
            var withdrawn = await report.WithdrawnAsync(feed, key, cancellation);
            await Console.Error.WriteLineAsync(withdrawn is null
                ? $"imagepipe: Feed {feed} has no listing {key} in {database.Name}."
                : $"imagepipe: Listing {key} of feed {feed} is withdrawn: {withdrawn}");
            return CommandLine.SomethingFailed;
        }

        if (parsed.GetValue(Json))
            Console.Out.WriteLine(JsonSerializer.Serialize(listing, Indented));
        else
            Print(listing);
        return CommandLine.Done;
    }

    static void Print(PhotosReady listing)
    {
        var number = listing.ListingId is null ? "" : $" (MLS number {listing.ListingId})";
        var state = listing.Complete ? "complete" : listing.Final ? "final, incomplete" : "in work";
        Console.Out.WriteLine($"{listing.Feed} {listing.ListingKey}{number}: {state}");
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"generation {listing.Generation}, announcement {listing.Announcement}, changed {listing.ChangedAt:u}, ready {listing.ReadyAt:u}"));
        Console.Out.WriteLine($"{listing.Photos.Count} photos ready, {listing.Missing.Count} missing");
        foreach (var photo in listing.Photos)
        {
            var marks = (photo.PhotoId == listing.Primary ? " primary" : "") + (photo.Outdated ? " outdated" : "");
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  stored    {photo.MediaKey} {photo.Original.Width}x{photo.Original.Height} {photo.Renditions.Count} renditions{marks}"));
        }
        foreach (var photo in listing.Missing)
            Console.Out.WriteLine($"  {photo.Reason.ToString().ToLowerInvariant(),-9} {photo.MediaKey} {(photo.Rejection is { } r ? $"{r}: " : "")}{photo.Detail}");
    }
}
