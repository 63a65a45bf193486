using System.CommandLine;
using System.Globalization;
using ImagePipeline.Storage.Failures;

namespace ImagePipeline.Cli.Errors;

/// <summary><c>imagepipe errors history</c>: who did what with failed messages, and how it ended.</summary>
static class HistoryCommand
{
    const string Indent = "      ";

    static readonly Option<int> Limit = new("--limit") { Description = "the latest so many", HelpName = "N", DefaultValueFactory = _ => 20 };
    static readonly Option<bool> Json = new("--json") { Description = "print as JSON" };
    static readonly StateArguments State = new();

    public static Command Create()
    {
        var command = new Command("history", "List what was done with failed messages: by whom, when, and how it ended.");
        Limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--limit must be at least 1.");
        });
        command.Options.Add(Limit);
        command.Options.Add(Json);
        State.AddStateTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var session = await ErrorsSession.OpenAsync(State.Configuration(parsed), cancellation);
        var history = (await session.Replays.HistoryAsync(parsed.GetValue(Limit), cancellation)).Select(ReplayDocument.Of).ToList();
        if (parsed.GetValue(Json))
            Documents.Print(new HistoryDocument(history));
        else if (history.Count == 0)
            Console.Out.WriteLine("Nothing was done with failed messages yet.");
        else
        {
            foreach (var line in history.SelectMany(done => Paragraph(done, session.Time.GetUtcNow())))
                Console.Out.WriteLine(line);
        }
        return CommandLine.Done;
    }

    static IEnumerable<string> Paragraph(ReplayDocument done, DateTimeOffset now) =>
    [
        .. PlainText.Wrap($"{PlainText.Time(done.StartedAt)} {done.Action} by {done.By}: {done.Asked}", $"{$"#{done.Number}",-4}  ", Indent),
        .. PlainText.Wrap(done.Action == "replay" ? Replay(done, now) : PlainText.Count(done.Messages, "message"), Indent, Indent),
        .. done.Why is null ? [] : PlainText.Wrap(done.Why, Indent, Indent),
    ];

    static string Replay(ReplayDocument done, DateTimeOffset now) =>
        $"{Pages.Word(done.State)} {(done.State == ReplayState.Running ? "for" : "after")} {Duration((done.EndedAt ?? now) - done.StartedAt)}: "
        + $"{PlainText.Count(done.Messages, "message")}, {PlainText.Number(done.Sent)} sent, {PlainText.Number(done.Waiting)} to send, {PlainText.Number(done.FailedAgain)} failed again"
        + $"{(done.PerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $"; at most {rate:0.##}/s") : "")}{(done.Canary ? "; with a canary" : "")}";

    static string Duration(TimeSpan time) => time.ToString(time.Days > 0 ? @"d\.hh\:mm\:ss" : @"hh\:mm\:ss", CultureInfo.InvariantCulture);
}
