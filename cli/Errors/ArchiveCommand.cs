using System.CommandLine;
using ImagePipeline.ServiceDefaults.Hosting;
using ImagePipeline.Storage.Failures;

namespace ImagePipeline.Cli.Errors;

/// <summary><c>imagepipe errors archive</c> and <c>errors restore</c>: puts failed messages aside, and takes them back.</summary>
sealed class ArchiveCommand
{
    readonly FailureFilterArguments _filter = new();
    readonly Option<bool> _all = new("--all") { Description = "everything, where neither ids nor filters are given" };
    readonly Option<bool> _yes = new("--yes") { Description = "do it; without it, more than one message is only counted" };
    readonly Option<string> _by = new("--by") { Description = "who does it, for the history (default: the user of this process)", HelpName = "NAME", DefaultValueFactory = _ => Environment.UserName };
    readonly Option<bool> _json = new("--json") { Description = "print as JSON" };
    readonly StateArguments _state = new();
    readonly bool _restores;

    ArchiveCommand(bool restores) => _restores = restores;

    public static Command Create() => new ArchiveCommand(restores: false).Command("archive", "Put failed messages aside: they are in no list and no metric any more.");

    public static Command CreateRestore() => new ArchiveCommand(restores: true).Command("restore", "Take archived messages back.");

    Command Command(string name, string description)
    {
        var command = new Command(name, description);
        _filter.AddTo(command);
        command.Options.Add(_all);
        command.Options.Add(_yes);
        command.Options.Add(_by);
        command.Options.Add(_json);
        _state.AddStateTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var session = await ErrorsSession.OpenAsync(_state.Configuration(parsed), cancellation);
        var filter = await _filter.ReadAsync(parsed, session.Messages, session.Time.GetUtcNow(), cancellation);
        if (filter.IsAll && !parsed.GetValue(_all))
            throw new CannotStartException($"Say what to {(_restores ? "restore" : "archive")}: ids of messages or groups, filters such as --feed, or --all. imagepipe errors list shows what there is.");
        var groups = (await session.Messages.GroupsAsync(filter, cancellation, archived: _restores)).Where(g => g.Messages > g.Staged).ToList();
        // What a replay is about to publish is not to be put aside.
        var messages = groups.Sum(g => g.Messages - g.Staged);
        var isDone = messages == 1 || (messages > 1 && parsed.GetValue(_yes));
        Replay? done = null;
        if (isDone)
        {
            var asked = new Asked(parsed.GetRequiredValue(_by), filter.IsAll ? "--all" : _filter.Text(parsed));
            done = _restores ? await session.Replays.RestoreAsync(filter, asked, cancellation) : await session.Replays.ArchiveAsync(filter, asked, cancellation);
        }
        if (parsed.GetValue(_json))
            Documents.Print(new MoveDocument(done is not null, done?.Messages ?? messages, [.. groups.Select(GroupDocument.Of)], done?.Number));
        else
            Print(groups, messages, done);
        // As of a replay: what was asked for is not done.
        return done is null && messages > 0 ? CommandLine.SomethingFailed : CommandLine.Done;
    }

    void Print(List<FailureGroupRow> groups, long messages, Replay? done)
    {
        var (verb, past) = _restores ? ("restore", "restored") : ("archive", "archived");
        if (messages == 0)
            Say($"There is nothing to {verb}.");
        else if (done is not null)
            Say($"{PlainText.Count(done.Messages, "message")} {past} (#{done.Number}).{(_restores ? "" : " errors restore takes them back.")}");
        else
        {
            foreach (var group in groups)
                Say($"{group.Id}  {PlainText.Count(group.Messages - group.Staged, "message")}: {ListCommand.What(group.ExceptionType, group.Pattern)}", "", "          ");
            Say($"{PlainText.Count(messages, "message")} in {PlainText.Count(groups.Count, "group")} would be {past}; nothing was done. --yes does it.");
        }
    }

    static void Say(string text, string first = "", string next = "")
    {
        foreach (var line in PlainText.Wrap(text, first, next))
            Console.Out.WriteLine(line);
    }
}
