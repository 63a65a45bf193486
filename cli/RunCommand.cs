using System.CommandLine;
using ImagePipeline.FeedIngest.Feeds;

namespace ImagePipeline.Cli;

/// <summary><c>imagepipe run</c>: the whole pipeline in this process, from feeds to announced listings.</summary>
static class RunCommand
{
    static readonly Option<string[]> Feed = new("--feed")
    {
        Description = "a feed: a file (RESO page, NDJSON of submissions) or the URL of a RESO Web API; may be given several times",
        HelpName = "PATH-OR-URL",
    };

    static readonly Option<string> Feeds = new("--feeds") { Description = "a JSON file with a section Feeds, one entry for each feed id", HelpName = "FILE" };

    static readonly Option<string[]> AllowHost = new("--allow-host")
    {
        Description = "a host that photos may come from although its address is private; may be given several times",
        HelpName = "HOST",
    };

    static readonly Option<bool> Watch = new("--watch") { Description = "go on for ever, reading the feeds again and again" };

    static readonly Option<string> Summary = new("--summary") { Description = "write the summary as JSON", HelpName = "FILE" };

    static readonly Option<bool> Json = new("--json") { Description = "print the summary as JSON" };

    static readonly StateArguments State = new();

    public static Command Create()
    {
        var command = new Command("run", "Take listings from feeds, store their photos, and end when every listing is final.");
        command.Options.Add(Feed);
        command.Options.Add(Feeds);
        State.AddTo(command);
        command.Options.Add(AllowHost);
        command.Options.Add(Watch);
        command.Options.Add(Summary);
        command.Options.Add(Json);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var setup = new RunSetup
        {
            FeedsFile = parsed.GetValue(Feeds),
            Settings = [.. FeedSettings(parsed), .. HostSettings(parsed), .. State.Settings(parsed)],
            Watch = parsed.GetValue(Watch),
        };
        var summaryFile = parsed.GetValue(Summary);
        if (summaryFile is not null)
            SummaryFile.Check(summaryFile);

        await using var run = await PipelineRun.StartAsync(setup, cancellation);
        var summary = await run.CompleteAsync(cancellation);

        Console.Out.WriteLine(parsed.GetValue(Json) ? summary.ToJson() : summary.ToText());
        if (summaryFile is not null)
            await SummaryFile.WriteAsync(summaryFile, summary.ToJson() + "\n");
        return summary.SomethingFailed ? CommandLine.SomethingFailed : CommandLine.Done;
    }

    static IEnumerable<KeyValuePair<string, string?>> FeedSettings(ParseResult parsed)
    {
        var ids = new HashSet<string>();
        foreach (var source in parsed.GetValue(Feed) ?? [])
        {
            var name = FeedName.From(source);
            var id = name;
            for (var n = 2; !ids.Add(id); n++)
                id = $"{name}-{n}";
            yield return new($"Feeds:{id}:Source", source);
        }
    }

    static IEnumerable<KeyValuePair<string, string?>> HostSettings(ParseResult parsed) =>
        (parsed.GetValue(AllowHost) ?? []).Select((host, i) => new KeyValuePair<string, string?>($"PhotoWorker:Fetching:AllowedPrivateHosts:{i}", host));
}
