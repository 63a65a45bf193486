using System.Text.Json;
using ImagePipeline.Storage.Failures;

namespace ImagePipeline.Cli.Errors;

/// <summary>A group, and a message, as text on 80 columns.</summary>
static class Pages
{
    const string Indent = "  ";
    const string Further = "      ";

    // They stand elsewhere on the page.
    static readonly string[] ShownAlready = ["MT-Fault-StackTrace", "MT-Fault-Message"];

    public static void Write(GroupPage page)
    {
        var group = page.Group;
        Say($"{group.Id}: {PlainText.Count(group.Messages, "message")}, {string.Join(", ", page.States.Select(s => $"{PlainText.Number(s.Messages)} {Word(s.State)}"))}");
        Say($"since {PlainText.Time(group.Since)}, last {PlainText.Time(group.Latest)}{(group.FailedAgain > 0 ? $"; {PlainText.Number(group.FailedAgain)} failed again after a replay" : "")}");
        Say(ListCommand.What(group.ExceptionType, group.Pattern));
        Say(ListCommand.Where(group.MessageType, group.Queue, group.Kind));
        if (group.Frame is not null)
            Say($"at {group.Frame}");
        Say(page.Advice);

        Head("By feed");
        foreach (var feed in page.ByFeed)
            Say(feed.Feed ?? "(the message names none)", $"{PlainText.Number(feed.Messages),9}  ", new string(' ', 11));

        Stack($"Stack of {group.Example.Id}", page.StackTrace);

        Head($"The latest {PlainText.Number(page.Latest.Count)} of {PlainText.Number(group.Messages)}");
        foreach (var failure in page.Latest)
            Say($"{PlainText.Time(failure.FailedAt)} {Word(failure.State)}{ListCommand.About(failure.Feed, failure.ListingKey, failure.PhotoId, ", ")}{Again(failure)}", $"{Indent}{failure.Id}  ", Further);
    }

    public static void Write(MessagePage page, string body, bool isJson)
    {
        var message = page.Message;
        Say($"{message.Id}: {Word(message.State)}, in group {message.Group}");
        Say(ListCommand.What(message.ExceptionType, message.Reason));
        Say(ListCommand.Where(message.MessageType, message.Queue, message.Kind));
        if (message.Frame is not null)
            Say($"at {message.Frame}");
        Say(page.Advice);
        WriteLine();
        Field("failed", PlainText.Time(message.FailedAt));
        Field("taken in", $"{PlainText.Time(message.TakenAt)} {(message.InProcess ? "from the run" : $"out of {message.FoundIn}")}");
        Field("message id", message.MessageId ?? "none");
        Field("feed", message.Feed);
        Field("listing", message.ListingKey);
        Field("photo", message.PhotoId);

        if (page.AllFailures.Count > 1 || page.Replays.Count > 0)
        {
            Head("What became of it");
            foreach (var failure in page.AllFailures)
            {
                if (page.Replays.FirstOrDefault(r => r.Number == failure.FromReplay) is { } came)
                    Say($"replayed with #{came.Number} by {came.By}, {PlainText.Time(came.StartedAt)}", Indent, Further);
                Say($"{failure.Id} {PlainText.Time(failure.FailedAt)} failed, {Ordinal(failure.Failures)}: {ListCommand.What(failure.ExceptionType, failure.Reason)}", Indent, Further);
            }
            if (page.AllFailures is [.., { State: FailureState.Staged or FailureState.Replayed, Replay: { } last }] && page.Replays.FirstOrDefault(r => r.Number == last) is { } latest)
                Say($"{(page.AllFailures[^1].State == FailureState.Staged ? "staged for" : "replayed with")} #{latest.Number} by {latest.By}, {PlainText.Time(latest.StartedAt)}", Indent, Further);
        }

        if (page.Properties is { } properties)
        {
            Head("Properties and headers");
            foreach (var property in properties.EnumerateObject().Where(p => p.Name != "headers"))
                Say($"{property.Name}: {Value(property.Value)}", Indent, Further);
            if (properties.TryGetProperty("headers", out var headers))
            {
                foreach (var header in headers.EnumerateObject().Where(h => !ShownAlready.Contains(h.Name)))
                    Say($"{header.Name}: {Value(header.Value)}", Indent, Further);
            }
        }

        Stack("Stack", page.StackTrace);

        Head($"Body, {PlainText.Count(page.BodyBytes, "byte")}{(isJson ? "" : ", not JSON")}");
        Lines(body);
        if (page.BodyTextIsCut)
            Say("(cut here: --body-limit shows more)", Indent, Further);
    }

    /// <summary>A state as people say it.</summary>
    public static string Word<T>(T state)
        where T : struct, Enum => state.ToString().ToLowerInvariant();

    static string Ordinal(int failures) => failures == 1 ? "the first time" : $"time {failures}";

    static string Again(FailureDocument failure) => failure.Failures == 1 ? "" : $", time {failure.Failures}";

    static string Value(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    static void Stack(string title, string? stack)
    {
        if (string.IsNullOrWhiteSpace(stack))
            return;
        Head(title);
        foreach (var line in stack.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            Say(line, Indent, Further);
    }

    static void Lines(string text)
    {
        foreach (var line in PlainText.Block(text, Indent))
            WriteLine(line);
    }

    static void Field(string name, string? value)
    {
        if (value is not null)
            Say(value, $"{name,-12}", new string(' ', 12));
    }

    static void Head(string title)
    {
        WriteLine();
        Say(title);
    }

    static void Say(string text, string first = "", string next = "")
    {
        foreach (var line in PlainText.Wrap(text, first, next))
            WriteLine(line);
    }

    static void WriteLine(string line = "") => Console.Out.WriteLine(line);
}
