using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using ImagePipeline.ServiceDefaults.Hosting;
using ImagePipeline.ServiceDefaults.RabbitMq;
using ImagePipeline.Storage.Failures;
using static ImagePipeline.Cli.Errors.ReplayPages;

namespace ImagePipeline.Cli.Errors;

/// <summary><c>imagepipe errors replay</c>: sends messages that failed for good once more to the queue they failed on.</summary>
static class ReplayCommand
{
    const int DefaultStopAfter = 100;
    const int DefaultMaxFailures = 5;

    // Three times as long as a process that is at a replay lets pass before it says so.
    static readonly TimeSpan SignOfLife = TimeSpan.FromMilliseconds(1_500);

    static readonly FailureFilterArguments Which = new();
    static readonly StateArguments State = new();
    static readonly Option<bool> All = new("--all") { Description = "everything that failed, where neither ids nor filters are given" };
    static readonly Option<int?> Limit = Positive("--limit", "at most so many messages, the oldest failures first");
    static readonly Option<double?> Rate = RateOption();
    static readonly Option<bool> Canary = new("--canary") { Description = "send 1, then 5, 25, 125, …, and stop when any of them fails again" };

    static readonly Option<int> StopAfter = new("--stop-after")
    {
        Description = $"stop when more than so many of this replay have failed again (default {DefaultStopAfter})",
        HelpName = "N",
        DefaultValueFactory = _ => DefaultStopAfter,
    };

    static readonly Option<int> MaxFailures = new("--max-failures")
    {
        Description = $"leave out what has failed more often than this, unless its own id is given (default {DefaultMaxFailures})",
        HelpName = "N",
        DefaultValueFactory = _ => DefaultMaxFailures,
    };

    static readonly Option<bool> Yes = new("--yes") { Description = "send more than one message; without it only what would be sent is shown" };
    static readonly Option<bool> DryRun = new("--dry-run") { Description = "show what would be sent, and send nothing" };
    static readonly Option<long?> Resume = Number("--resume", "go on with a replay that was paused, stopped or killed");
    static readonly Option<long?> Pause = Number("--pause", "pause a replay that runs elsewhere");
    static readonly Option<long?> Cancel = Number("--cancel", "call a replay off: what it has not sent yet waits as before");
    static readonly Option<string?> By = new("--by") { Description = "who asks, for the history (default the user's name)", HelpName = "NAME" };
    static readonly Option<bool> Json = new("--json") { Description = "print as JSON" };

    public static Command Create()
    {
        var command = new Command("replay", "Send failed messages once more to the queue they failed on.");
        Which.AddTo(command);
        foreach (Option option in new Option[] { All, Limit, Rate, Canary, StopAfter, MaxFailures, Yes, DryRun, Resume, Pause, Cancel, By, Json })
            command.Options.Add(option);
        State.AddStateTo(command);
        command.Validators.Add(Check);
        command.SetAction(RunAsync);
        return command;
    }

    static void Check(CommandResult result)
    {
        var numbered = new[] { Resume, Pause, Cancel }.Where(option => result.GetResult(option) is { Implicit: false }).ToList();
        if (numbered.Count > 1)
            result.AddError($"{numbered[0].Name} and {numbered[1].Name} do not go together.");
        else if (numbered is [var one] && Which.IsGiven(result))
            result.AddError($"{one.Name} is about a whole replay: it takes no ids and no filters.");
        foreach (var option in new[] { StopAfter, MaxFailures })
        {
            if (result.GetResult(option) is { Implicit: false } said && !(int.TryParse((said.Tokens is [.., var last] ? last.Value : null), CultureInfo.InvariantCulture, out var n) && n >= 0))
                result.AddError($"{option.Name} takes a whole number, 0 or more.");
        }
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var configuration = State.Configuration(parsed);
        var options = new ReplayOptions();
        ServiceDefaults.Settings.Bind(configuration.GetSection("Replay"), options);
        await using var session = await ErrorsSession.OpenAsync(configuration, cancellation);
        if (parsed.GetValue(Pause) is { } paused)
            return await EndAsync(parsed, session, paused, ReplayState.Paused, cancellation);
        if (parsed.GetValue(Cancel) is { } cancelled)
            return await EndAsync(parsed, session, cancelled, ReplayState.Cancelled, cancellation);

        await TakenIn.FirstAsync(session, Which.Queue(parsed), cancellation);
        var owner = new ReplayOwner($"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}", options.ClaimTime);
        if (parsed.GetValue(Resume) is { } resumed)
        {
            CheckBroker(session);
            return await GoAsync(parsed, session, options, owner, await ClaimAsync(session, owner, resumed, cancellation), cancellation);
        }

        var isDryRun = parsed.GetValue(DryRun);
        var finished = isDryRun ? null : await FinishAsync(parsed, session, options, owner, cancellation);
        if (finished is CommandLine.SomethingFailed)
            return CommandLine.SomethingFailed;
        var filter = await Which.ReadAsync(parsed, session.Messages, session.Time.GetUtcNow(), cancellation) with { MaxFailures = parsed.GetValue(MaxFailures) };
        if ((filter with { MaxFailures = null }).IsAll && !parsed.GetValue(All))
        {
            if (finished is not null)
                return finished.Value;
            throw new CannotStartException("Say what to replay: ids of messages or groups, filters such as --feed, or --all. imagepipe errors list shows what there is.");
        }
        return await BeginAsync(parsed, session, options, owner, filter, cancellation);
    }

    static async Task<int> BeginAsync(ParseResult parsed, ErrorsSession session, ReplayOptions options, ReplayOwner owner, FailureFilter filter, CancellationToken cancellation)
    {
        var limit = parsed.GetValue(Limit);
        var plan = await session.Replays.PlanAsync(filter, limit, cancellation);
        SayLeftOut(plan, filter);
        if (plan.Messages == 0)
            return Nothing(parsed, plan, filter);
        CheckBroker(session);

        var isDryRun = parsed.GetValue(DryRun);
        if (plan.Messages > 1 || isDryRun)
        {
            var queues = await QueuesAsync(session, plan, cancellation);
            var isShownOnly = isDryRun || !parsed.GetValue(Yes);
            if (!parsed.GetValue(Json))
                Print(plan, queues, isShownOnly ? Console.Out : Console.Error);
            else if (isShownOnly)
                PrintJson(plan, queues);
            if (isShownOnly)
            {
                if (isDryRun)
                    return CommandLine.Done;
                Say("Nothing was sent. Add --yes to send this, and --canary or --rate 20/s to send it with care.");
                return CommandLine.SomethingFailed;
            }
        }
        var pace = new ReplayPace(parsed.GetValue(Rate), parsed.GetValue(Canary));
        var asked = new Asked(parsed.GetValue(By) ?? Environment.UserName, What(parsed));
        // One that was not to be asked about stays one.
        var atMost = plan.Messages == 1 && !parsed.GetValue(Yes) ? 1 : limit;
        if (await session.Replays.BeginAsync(filter, atMost, pace, asked, owner, cancellation) is not { } replay)
            return Nothing(parsed, plan with { Groups = [] }, filter);
        return await GoAsync(parsed, session, options, owner, replay, cancellation);
    }

    // What a killed process has left; null when there was nothing.
    static async Task<int?> FinishAsync(ParseResult parsed, ErrorsSession session, ReplayOptions options, ReplayOwner owner, CancellationToken cancellation)
    {
        int? code = null;
        var isAllThatIsAsked = !Which.IsGiven(parsed.CommandResult) && !parsed.GetValue(All);
        var left = await session.Replays.RunningAsync(cancellation);
        foreach (var running in left)
        {
            Replay claimed;
            try
            {
                claimed = await ClaimAsync(session, owner, running.Number, cancellation);
            }
            catch (CannotStartException)
            {
                Say($"Replay {running.Number} runs elsewhere, and is left alone.");
                continue;
            }
            CheckBroker(session);
            Say($"Replay {running.Number} ({running.Asked.What}) was killed with {Count(claimed.Waiting)} to send. It is finished first.");
            code = await GoAsync(parsed, session, options, owner, claimed, cancellation, isFollowed: !isAllThatIsAsked || running != left[^1]);
            if (code != CommandLine.Done)
                return code;
        }
        return code;
    }

    static async Task<Replay> ClaimAsync(ErrorsSession session, ReplayOwner owner, long number, CancellationToken cancellation)
    {
        DateTimeOffset? seen = null;
        while (true)
        {
            var replay = await FindAsync(session, number, cancellation);
            if (replay.State is ReplayState.Done or ReplayState.Cancelled)
                throw new CannotStartException($"Replay {number} is {Word(replay.State)}; there is nothing of it to go on with.");
            if (await session.Replays.ClaimAsync(number, owner, cancellation))
                return (await session.Replays.FindAsync(number, cancellation))!;
            if (seen is null)
                Say($"Another process is at replay {number}, or was killed at it: waiting for a sign of life.");
            else if (seen != replay.ClaimedUntil)
                throw new CannotStartException($"Replay {number} runs in another process. --pause {number} pauses it.");
            seen = replay.ClaimedUntil;
            await Task.Delay(SignOfLife, session.Time, cancellation);
        }
    }

    static async Task<int> GoAsync(ParseResult parsed, ErrorsSession session, ReplayOptions options, ReplayOwner owner, Replay replay, CancellationToken cancellation, bool isFollowed = false)
    {
        using var replaying = new Replaying(session, options, owner, replay, new ReplayRules(parsed.GetValue(StopAfter), parsed.GetValue(Rate)), RunProgress.Say);
        var work = replaying.RunAsync(cancellation);
        // It ends when the work does, also where that was asked to end.
        await RunProgress.ShowAsync(session.Time, _ => Task.FromResult(replaying.View), () => work.IsCompleted, work, Draw, Line, CancellationToken.None);
        var ended = await work;

        // One document, of the replay that was asked for.
        if (parsed.GetValue(Json) && isFollowed && ended.State == ReplayState.Done)
            Say($"{Line(ended)}.");
        else
            Console.Out.WriteLine(parsed.GetValue(Json) ? JsonSerializer.Serialize(ReplayReport.Of(ended), Indented) : Line(ended));
        if (ended.Why is { } why)
            Say(why);
        if (ended.State is ReplayState.Paused)
            Say($"Go on with: imagepipe errors replay --resume {ended.Number}. Call it off with --cancel {ended.Number}.");
        return ended.State == ReplayState.Done ? CommandLine.Done : CommandLine.SomethingFailed;
    }

    static async Task<int> EndAsync(ParseResult parsed, ErrorsSession session, long number, ReplayState state, CancellationToken cancellation)
    {
        var replay = await FindAsync(session, number, cancellation);
        var canEnd = state == ReplayState.Paused ? replay.State == ReplayState.Running : replay.State is ReplayState.Running or ReplayState.Paused or ReplayState.Stopped;
        var why = $"{(state == ReplayState.Paused ? "Paused" : "Cancelled")} by {parsed.GetValue(By) ?? Environment.UserName}.";
        if (!canEnd || !await session.Replays.EndAsync(number, state, why, owner: null, cancellation))
        {
            Say($"Replay {number} is {Word(replay.State)} already.");
            return CommandLine.SomethingFailed;
        }
        var ended = await FindAsync(session, number, cancellation);
        Console.Out.WriteLine(parsed.GetValue(Json) ? JsonSerializer.Serialize(ReplayReport.Of(ended), Indented) : Line(ended));
        Say(state == ReplayState.Paused ? $"Go on with: imagepipe errors replay --resume {number}." : "What it has not sent waits as before.");
        return CommandLine.Done;
    }

    static async Task<Replay> FindAsync(ErrorsSession session, long number, CancellationToken cancellation) =>
        await session.Replays.FindAsync(number, cancellation) is { Action: "replay" } replay
            ? replay
            : throw new CannotStartException($"There is no replay {number}; imagepipe errors history shows what there is.");

    static void CheckBroker(ErrorsSession session)
    {
        if (session.Broker is null)
            throw new CannotStartException("These messages came from queues of a broker, and no broker is configured: set RabbitMqTransport__Host (and the other settings of RabbitMqTransport) as the services have it.");
    }

    static int Nothing(ParseResult parsed, ReplayPlan plan, FailureFilter filter)
    {
        if (parsed.GetValue(Json))
            PrintJson(plan, new Dictionary<string, bool>());
        if (plan.InProcess > 0)
            return CommandLine.CouldNotStart;
        Say("There is nothing to replay.");
        return filter.Ids.Count > 0 ? CommandLine.SomethingFailed : CommandLine.Done;
    }

    static async Task<IReadOnlyDictionary<string, bool>> QueuesAsync(ErrorsSession session, ReplayPlan plan, CancellationToken cancellation)
    {
        await using var publisher = await ReplayPublisher.ConnectAsync(session.Broker!, session.Time, cancellation);
        var queues = new Dictionary<string, bool>();
        foreach (var queue in plan.Groups.Select(group => group.Queue).Distinct())
            queues[queue] = await publisher.LookAsync(queue, cancellation) is not null;
        return queues;
    }

    static string What(ParseResult parsed)
    {
        var said = new List<string> { Which.Text(parsed) is { Length: > 0 } which ? which : "--all" };
        if (parsed.GetValue(Limit) is { } limit)
            said.Add(string.Create(CultureInfo.InvariantCulture, $"--limit {limit}"));
        if (parsed.GetResult(Rate)?.Tokens is [var rate, ..])
            said.Add($"--rate {rate.Value}");
        if (parsed.GetValue(Canary))
            said.Add("--canary");
        return string.Join(' ', said);
    }

    static Option<int?> Positive(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var number) && number > 0)
                return number;
            result.AddError($"{name} takes a whole number above 0.");
            return null;
        },
    };

    static Option<long?> Number(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            if (long.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var number) && number > 0)
                return number;
            result.AddError($"{name} takes the number of a replay, as errors history shows it.");
            return null;
        },
    };

    static Option<double?> RateOption() => new("--rate")
    {
        Description = "at most so many messages a second, minute or hour, such as 20/s, 90/m, 500/h (default as fast as the broker takes them)",
        HelpName = "RATE",
        CustomParser = result =>
        {
            if (ReplayPacer.Parse(result.Tokens[0].Value) is { } rate)
                return rate;
            result.AddError($"--rate is \"{result.Tokens[0].Value}\"; accepted is 1/h to 100000/s, written such as 20/s, 90/m or 500/h.");
            return null;
        },
    };
}
