using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ImagePipeline.Storage.Failures;
using Spectre.Console;

namespace ImagePipeline.Cli.Errors;

/// <summary>What <c>imagepipe errors replay</c> shows: what would be sent, how far it is, and how it ended.</summary>
static class ReplayPages
{
    public static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    const string Indent = "          ";

    public static void SayLeftOut(ReplayPlan plan, FailureFilter filter)
    {
        if (plan.InProcess > 0)
            Say($"{Count(plan.InProcess)} failed in one process, where there is no queue to send to: start imagepipe run again, it asks for failed photos again.");
        if (plan.FailedTooOften > 0 && filter.Ids.Count(id => id.Length == FailedMessageTable.IdDigits) < plan.FailedTooOften)
            Say($"{Count(plan.FailedTooOften)} failed more than {filter.MaxFailures} times and {(plan.FailedTooOften == 1 ? "is" : "are")} left out; one that is named by its own id is sent all the same, and --max-failures changes the number.");
        if (plan.Staged > 0)
            Say($"{Count(plan.Staged)} {(plan.Staged == 1 ? "is" : "are")} part of replay {plan.LatestReplay} already.");
        if (filter.Ids.Count > 0 && plan is { Messages: 0, Replayed: > 0 })
            Say($"{Count(plan.Replayed)} {(plan.Replayed == 1 ? "was" : "were")} replayed already; what failed again since has an id of its own.");
        if (filter.Ids.Count > 0 && plan is { Messages: 0, Archived: > 0 })
            Say($"{Count(plan.Archived)} {(plan.Archived == 1 ? "is" : "are")} archived: imagepipe errors restore takes them back.");
    }

    public static void Print(ReplayPlan plan, IReadOnlyDictionary<string, bool> queues, TextWriter to)
    {
        foreach (var group in plan.Groups)
        {
            var again = group.Again == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {group.Again:N0} of them failed again already");
            foreach (var line in PlainText.Wrap($"{Count(group.Messages)} to {group.Queue}{(queues[group.Queue] ? "" : " (there is no such queue)")}{again}", $"{group.Group}  ", Indent))
                to.WriteLine(line);
            var exception = group.ExceptionType is null ? "" : $"{group.ExceptionType[(group.ExceptionType.LastIndexOf('.') + 1)..]}: ";
            to.WriteLine(PlainText.Cut(Redaction.Text($"{group.MessageType ?? "unreadable"}: {exception}{group.Pattern}"), Indent));
        }
        to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Count(plan.Messages)} in {plan.Groups.Count:N0} {(plan.Groups.Count == 1 ? "group" : "groups")}"));
    }

    public static void PrintJson(ReplayPlan plan, IReadOnlyDictionary<string, bool> queues) => Console.Out.WriteLine(JsonSerializer.Serialize(
        new
        {
            sent = false,
            plan.Messages,
            groups = plan.Groups.Select(group => new
            {
                group.Group,
                group.Messages,
                failedAgain = group.Again,
                group.Queue,
                queueExists = queues[group.Queue],
                group.MessageType,
                group.ExceptionType,
                reason = Redaction.Text(group.Pattern),
                group.Oldest,
            }),
            leftOut = new { plan.FailedTooOften, plan.InProcess, plan.Staged },
        },
        Indented));

    public static Table Draw(ReplayView view) => new Table().Border(TableBorder.None).HideHeaders().AddColumn("").AddRow(Markup.Escape(Line(view)));

    public static string Line(ReplayView view) => string.Create(CultureInfo.InvariantCulture, $"replay {view.Number}: {view.Sent:N0} of {view.Messages:N0} sent, {view.CameBack:N0} failed again");

    public static string Line(Replay ended) => string.Create(
        CultureInfo.InvariantCulture, $"replay {ended.Number} {Word(ended.State)}: {ended.Sent:N0} of {ended.Messages:N0} sent, {ended.Waiting:N0} to send, {ended.CameBack:N0} failed again");

    public static string Word(ReplayState state) => state.ToString().ToLowerInvariant();

    public static string Count(long messages) => string.Create(CultureInfo.InvariantCulture, $"{messages:N0} {(messages == 1 ? "message" : "messages")}");

    public static void Say(string sentence) => Console.Error.WriteLine($"imagepipe: {sentence}");
}

/// <summary>A replay for programs.</summary>
sealed record ReplayReport(
    long Replay, ReplayState State, string By, string Asked, int Messages, long Sent, long Waiting, long FailedAgain, string? Why, DateTimeOffset StartedAt, DateTimeOffset? EndedAt)
{
    public static ReplayReport Of(Replay replay) => new(
        replay.Number, replay.State, replay.Asked.By, replay.Asked.What, replay.Messages, replay.Sent, replay.Waiting, replay.CameBack, replay.Why, replay.StartedAt, replay.EndedAt);
}
