using System.CommandLine;
using System.Text;
using ImagePipeline.ServiceDefaults.Hosting;
using ImagePipeline.Storage.Failures;

namespace ImagePipeline.Cli.Errors;

/// <summary><c>imagepipe errors show GROUP|ID</c>: all there is to know of a group, or of one message.</summary>
static class ShowCommand
{
    static readonly Argument<string> Id = new("ID|GROUP") { Description = "the id of a message or a group; may be cut short to 4 digits or more" };
    static readonly Option<int> Limit = new("--limit") { Description = "of a group, show at most this many messages", HelpName = "N", DefaultValueFactory = _ => 10 };

    static readonly Option<int> BodyLimit = new("--body-limit")
    {
        Description = "of a body, show at most this many characters",
        HelpName = "N",
        DefaultValueFactory = _ => 4_000,
    };

    static readonly Option<bool> Json = new("--json") { Description = "print as JSON" };
    static readonly StateArguments State = new();

    public static Command Create()
    {
        var command = new Command("show", "Show a group, or a message with its headers and body.");
        Id.Validators.Add(result =>
        {
            if (FailureFilterArguments.Wrong(result.Tokens[0].Value) is { } sentence)
                result.AddError(sentence);
        });
        foreach (var limit in new[] { Limit, BodyLimit })
            limit.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() < 1)
                    result.AddError($"{limit.Name} must be at least 1.");
            });
        command.Arguments.Add(Id);
        command.Options.Add(Limit);
        command.Options.Add(BodyLimit);
        command.Options.Add(Json);
        State.AddStateTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var session = await ErrorsSession.OpenAsync(State.Configuration(parsed), cancellation);
        var taken = await TakenIn.FirstAsync(session, queue: null, cancellation);
        var id = await FailureFilterArguments.FullAsync(parsed.GetRequiredValue(Id), session.Messages, cancellation);
        if (await session.Messages.ReadAsync(id, cancellation) is { } message)
            await ShowAsync(parsed, session, message, cancellation);
        else if (await session.Messages.GroupAsync(id, cancellation) is { } group)
            await ShowAsync(parsed, session, group, cancellation);
        else
            throw new CannotStartException($"There is no failed message and no group {id} any more.");
        return taken.NotLookedAt is null ? CommandLine.Done : CommandLine.SomethingFailed;
    }

    static async Task ShowAsync(ParseResult parsed, ErrorsSession session, FailureGroupRow group, CancellationToken cancellation)
    {
        var all = new FailureFilter { Ids = [group.Id] };
        var byFeed = await session.Messages.ByFeedAsync(group.Id, cancellation);
        var latest = await session.Messages.FindAsync(all, parsed.GetValue(Limit), cancellation);
        var example = await session.Messages.ReadAsync(group.ExampleId, cancellation);
        var advice = FailureAdvice.Of(group.Kind, group.Queue, group.MessageType, group.ExceptionType, group.InProcess);
        var page = new GroupPage(
            GroupDocument.Of(group),
            [.. byFeed.GroupBy(f => f.State, (state, counts) => new StateCount(state, counts.Sum(c => c.Messages))).OrderBy(c => c.State)],
            [.. byFeed.GroupBy(f => f.Feed, (feed, counts) => new FeedCount(Documents.Redacted(feed), counts.Sum(c => c.Messages))).OrderByDescending(c => c.Messages)],
            Documents.Redacted(example?.StackTrace), [.. latest.Select(FailureDocument.Of)], advice.ToString());
        if (parsed.GetValue(Json))
            Documents.Print(page);
        else
            Pages.Write(page);
    }

    static async Task ShowAsync(ParseResult parsed, ErrorsSession session, FailedMessage message, CancellationToken cancellation)
    {
        var failures = await session.Messages.HistoryAsync(message.FirstId, cancellation);
        var replays = new List<ReplayDocument>();
        foreach (var number in failures.SelectMany(f => new[] { f.FromReplay, f.Replay }).OfType<long>().Distinct().Order())
        {
            if (await session.Replays.FindAsync(number, cancellation) is { } replay)
                replays.Add(ReplayDocument.Of(replay));
        }
        var limit = parsed.GetValue(BodyLimit);
        var json = Redaction.Json(message.Body, indented: true);
        // Four bytes are one character at most; what comes behind those that are shown needs no reading.
        var text = json ?? Redaction.Text(TextOf(message.Body.AsSpan(0, Math.Min(message.Body.Length, (int)Math.Min(int.MaxValue, limit * 4L)))));
        var isCut = text.Length > limit || (json is null && message.Body.Length > limit * 4L);
        var page = new MessagePage(
            FailureDocument.Of(message), [.. failures.Select(FailureDocument.Of)], replays, Documents.Redacted(message.StackTrace), HeadersPage.Of(message.Properties),
            message.Body.Length, isCut ? null : Documents.Json(message.Body), json is null || isCut ? text[..Math.Min(text.Length, limit)] : null, isCut,
            FailureAdvice.Of(message.Kind, message.Queue, message.MessageType, message.ExceptionType, message.InProcess).ToString());
        if (parsed.GetValue(Json))
            Documents.Print(page);
        else
            Pages.Write(page, text[..Math.Min(text.Length, limit)], isJson: json is not null);
    }

    // Text of two bytes a character is read as what it says, so that it hides nothing from what leaves out secrets.
    static string TextOf(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body);
        return (text.Contains('\uFFFD', StringComparison.Ordinal) ? Encoding.Latin1.GetString(body) : text).Replace("\0", "", StringComparison.Ordinal);
    }
}
