using System.CommandLine;

namespace ImagePipeline.Cli;

/// <summary><c>imagepipe backfill [FEED]</c>: the configured profile for photos that are stored in another one, made from the kept originals.</summary>
static class BackfillCommand
{
    static readonly Argument<string?> Feed = new("FEED")
    {
        Description = "the feed's id; without it all feeds",
        Arity = ArgumentArity.ZeroOrOne,
    };

    static readonly Option<string> Summary = new("--summary") { Description = "write the summary as JSON", HelpName = "FILE" };

    static readonly Option<bool> Json = new("--json") { Description = "print the summary as JSON" };

    static readonly StateArguments State = new();

    public static Command Create()
    {
        var command = new Command("backfill", "Make a changed profile of the stored photos, from their originals and without a download, and announce it.");
        command.Arguments.Add(Feed);
        State.AddTo(command);
        command.Options.Add(Summary);
        command.Options.Add(Json);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var summaryFile = parsed.GetValue(Summary);
        if (summaryFile is not null)
            SummaryFile.Check(summaryFile);

        await using var run = await BackfillRun.StartAsync(State.Settings(parsed), parsed.GetValue(Feed), cancellation);
        var summary = await run.CompleteAsync(cancellation);

        Console.Out.WriteLine(parsed.GetValue(Json) ? summary.ToJson() : summary.ToText());
        if (summaryFile is not null)
            await SummaryFile.WriteAsync(summaryFile, summary.ToJson() + "\n");
        return summary.SomethingFailed ? CommandLine.SomethingFailed : CommandLine.Done;
    }
}
