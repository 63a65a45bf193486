using System.CommandLine;
using ImagePipeline.Storage.Failures;

namespace ImagePipeline.Cli.Errors;

/// <summary><c>imagepipe errors list</c>: what failed and waits for somebody, one paragraph for each group, the largest first.</summary>
static class ListCommand
{
    const string Indent = "          ";

    static readonly FailureFilterArguments Filter = new();
    static readonly Option<bool> Archived = new("--archived") { Description = "what was archived, in place of what waits" };
    static readonly Option<bool> Json = new("--json") { Description = "print as JSON" };
    static readonly StateArguments State = new();

    public static Command Create()
    {
        var command = new Command("list", "Take in what failed, and list it in groups.");
        Filter.AddTo(command);
        command.Options.Add(Archived);
        command.Options.Add(Json);
        State.AddStateTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var session = await ErrorsSession.OpenAsync(State.Configuration(parsed), cancellation);
        var taken = await TakenIn.FirstAsync(session, Filter.Queue(parsed), cancellation);
        var filter = await Filter.ReadAsync(parsed, session.Messages, session.Time.GetUtcNow(), cancellation);
        var groups = await session.Messages.GroupsAsync(filter, cancellation, parsed.GetValue(Archived));
        if (parsed.GetValue(Json))
            Documents.Print(new ListDocument([.. groups.Select(GroupDocument.Of)], groups.Sum(g => g.Messages), taken.Messages, taken.NotLookedAt));
        else
            Print(groups, parsed.GetValue(Archived), filter.IsAll, taken.NotLookedAt is null);
        return taken.NotLookedAt is null ? CommandLine.Done : CommandLine.SomethingFailed;
    }

    static void Print(IReadOnlyList<FailureGroupRow> groups, bool archived, bool isAll, bool isLookedAt)
    {
        if (groups.Count == 0)
        {
            var what = isAll ? "Nothing" : "Nothing of this";
            Console.Out.WriteLine((archived, isLookedAt) switch
            {
                (true, _) => $"{what} is archived.",
                (_, true) => $"{what} has failed.",
                (_, false) => $"{what} that has failed is in the database.",
            });
            return;
        }
        foreach (var line in groups.SelectMany(Paragraph))
            Console.Out.WriteLine(line);
        Console.Out.WriteLine(
            $"{PlainText.Count(groups.Count, "group")}, {PlainText.Count(groups.Sum(g => g.Messages), archived ? "archived message" : "failed message")}");
    }

    static IEnumerable<string> Paragraph(FailureGroupRow group)
    {
        IEnumerable<string> lines =
        [
            .. PlainText.Wrap($"{PlainText.Count(group.Messages, "message")}, since {PlainText.Time(group.Since)}, last {PlainText.Time(group.Latest)}", $"{group.Id}  ", Indent),
            .. Line(What(group.ExceptionType, group.Pattern)),
            .. Line(Where(group.MessageType, group.Queue, group.Kind)),
            .. group.Frame is null ? [] : Line($"at {group.Frame}"),
            .. Line($"for example {group.ExampleId}{About(group.ExampleFeed, group.ExampleListingKey, group.ExamplePhotoId, ": ")}{(group.Feeds > 1 ? $"; {PlainText.Count(group.Feeds, "feed")} in all" : "")}"),
            .. group.Again + group.Staged == 0 ? [] : Line(Further(group)),
            "",
        ];
        return lines;

        static IEnumerable<string> Line(string text) => PlainText.Wrap(text, Indent, Indent);
    }

    /// <summary>An exception and its message, without secrets.</summary>
    public static string What(string? exceptionType, string reason) => Redaction.Text(exceptionType is null ? reason : $"{exceptionType}: {reason}");

    /// <summary>Which messages, and where they failed.</summary>
    public static string Where(string? messageType, string queue, FailureKind kind) =>
        $"{messageType ?? "a message of an unknown type"} on {queue}{(kind == FailureKind.Error ? "" : $", {kind.ToString().ToLowerInvariant()}")}";

    /// <summary>The feed, listing and photo of a message, as far as it names them.</summary>
    public static string About(string? feed, string? listing, string? photo, string before) => (feed, listing, photo) switch
    {
        (null, null, null) => "",
        _ => before + Redaction.Text(string.Join(", ", new[] { feed, listing is null ? null : $"listing {listing}", photo is null ? null : $"photo {photo}" }.OfType<string>())),
    };

    static string Further(FailureGroupRow group) => string.Join(", ", new[]
    {
        group.Again > 0 ? $"{PlainText.Number(group.Again)} failed again after a replay" : null,
        group.Staged > 0 ? $"{PlainText.Number(group.Staged)} staged for a replay" : null,
    }.OfType<string>());
}
