using System.Collections.Concurrent;
using System.Globalization;
using ImagePipeline.ServiceDefaults.RabbitMq;
using ImagePipeline.Storage.Failures;

namespace ImagePipeline.Cli.Errors;

/// <summary>
/// Carries out one replay that this process has claimed: sends its staged messages, the oldest first, and records those that the broker has. Killed anywhere, what is not recorded
/// stays staged, and is sent once more by whoever goes on with it, under the same id.
/// </summary>
/// <param name="session">Database and broker.</param>
/// <param name="options">Limits.</param>
/// <param name="owner">This process.</param>
/// <param name="replay">The replay.</param>
/// <param name="rules">What was said of this replay on the command line.</param>
/// <param name="say">Tells a person.</param>
sealed class Replaying(ErrorsSession session, ReplayOptions options, ReplayOwner owner, Replay replay, ReplayRules rules, Action<string> say) : IDisposable
{
    const int Page = 200;
    const int CanaryGrowth = 5;

    // A pause asked for elsewhere is seen so soon.
    static readonly TimeSpan Renewal = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan Look = TimeSpan.FromSeconds(2);
    static readonly TimeSpan CanaryLook = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan NextTry = TimeSpan.FromSeconds(1);

    readonly RabbitMqOptions _broker = session.Broker ?? throw new InvalidOperationException("Without a broker there is nothing to send to.");
    readonly TimeProvider _time = session.Time;
    readonly ReplayPacer _pace = new(rules.PerSecond ?? replay.Pace.PerSecond, session.Time);
    readonly ConcurrentQueue<string> _confirmed = new();
    readonly CancellationTokenSource _leave = new();
    ReplayPublisher? _publisher;
    DateTimeOffset? _brokenSince;
    long _cameBackBefore;
    int _sent;
    long _cameBack;
    string? _stopped;
    bool _isDone;
    bool _isLeftToOthers;

    /// <summary>How far it is.</summary>
    public ReplayView View => new(replay.Number, Volatile.Read(ref _sent), replay.Waiting, Interlocked.Read(ref _cameBack));

    int StopAfter => replay.Pace.IsCanary ? 0 : rules.StopAfter;

    /// <summary>Sends until all is sent or something ends it, and records how it ended.</summary>
    /// <returns>The replay as it is now.</returns>
    public async Task<Replay> RunAsync(CancellationToken interrupted)
    {
        _cameBackBefore = replay.CameBack;
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(interrupted, _leave.Token);
        using var stop = new CancellationTokenSource();
        var beside = new[] { LeaveOnFailureAsync(RenewAsync(stop.Token)), LeaveOnFailureAsync(replay.Pace.IsCanary ? Task.CompletedTask : LookNowAndThenAsync(stop.Token)) };
        try
        {
            await SendAllAsync(leaving.Token);
            _isDone = true;
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            // Why is told below.
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(beside);
            if (_publisher is not null)
                await _publisher.DisposeAsync();
        }
        await RecordAsync();
        if (!_isLeftToOthers)
        {
            var (state, why) = (_isDone, _stopped) switch
            {
                (true, _) => (ReplayState.Done, (string?)null),
                (_, not null) => (ReplayState.Stopped, _stopped),
                _ => (ReplayState.Paused, "It was interrupted."),
            };
            await session.Replays.EndAsync(replay.Number, state, why, owner, CancellationToken.None);
        }
        return (await session.Replays.FindAsync(replay.Number, CancellationToken.None))!;
    }

    /// <inheritdoc/>
    public void Dispose() => _leave.Dispose();

    async Task SendAllAsync(CancellationToken cancellation)
    {
        for (var step = 1; ; step *= CanaryGrowth)
        {
            var queues = new HashSet<string>();
            for (var left = replay.Pace.IsCanary ? step : int.MaxValue; left > 0;)
            {
                var page = await session.Replays.NextAsync(replay.Number, Math.Min(Page, left), cancellation);
                if (page.Count == 0)
                    break;
                left -= await SendPageAsync(page, cancellation);
                queues.UnionWith(page.Select(message => message.Queue));
            }
            if (queues.Count == 0)
                break;
            if (replay.Pace.IsCanary)
                await WaitForFailuresAsync(step, queues, cancellation);
        }
        await CountFailuresAsync(cancellation);
    }

    // How many of them the broker has.
    async Task<int> SendPageAsync(IReadOnlyList<StagedMessage> page, CancellationToken cancellation)
    {
        using var room = new SemaphoreSlim(options.InFlight, options.InFlight);
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var confirmations = new List<Task>();
        var sent = 0;
        Exception? trouble = null;
        try
        {
            var publisher = await PublisherAsync(cancellation);
            foreach (var message in page)
            {
                await _pace.NextAsync(broken.Token);
                await room.WaitAsync(broken.Token);
                if (await SendAsync(publisher, message, broken.Token) is not { } confirmation)
                    break;
                confirmations.Add(ConfirmAsync(message, confirmation));
            }
        }
        catch (OperationCanceledException) when (broken.IsCancellationRequested)
        {
            // Nothing more is sent; what is under way is waited for.
        }
        catch (Exception e) when (ReplayPublisher.IsBroker(e))
        {
            trouble ??= e;
        }
        await Task.WhenAll(confirmations);
        await RecordAsync();
        cancellation.ThrowIfCancellationRequested();
        if (trouble is not null)
            await ReconnectAsync(trouble, cancellation);
        return sent;

        async Task ConfirmAsync(StagedMessage message, Task<ReplayOutcome> confirmation)
        {
            try
            {
                switch (await confirmation)
                {
                    case ReplayOutcome.Sent:
                        _brokenSince = null;
                        _confirmed.Enqueue(message.Id);
                        Interlocked.Increment(ref sent);
                        Interlocked.Increment(ref _sent);
                        break;
                    case ReplayOutcome.NoQueue:
                        Stop($"There is no queue {message.Queue} to send to. Start the service that reads it, which makes it, and go on with --resume {replay.Number}; or call it off with --cancel {replay.Number}.");
                        break;
                    default:
                        throw new IOException($"queue {message.Queue} takes no messages now");
                }
            }
            catch (Exception e) when (ReplayPublisher.IsBroker(e))
            {
                trouble ??= e;
                await broken.CancelAsync();
            }
            room.Release();
        }
    }

    // Null when it can never be a message of AMQP, such as with an id that is too long once it is text. It ends the replay; that it ended the process would end all that come after, too.
    async Task<Task<ReplayOutcome>?> SendAsync(ReplayPublisher publisher, StagedMessage message, CancellationToken cancellation)
    {
        try
        {
            var (properties, body) = ReplayMessage.Of(message, replay.Pace.IsCanary);
            return await publisher.SendAsync(message.Queue, properties, body, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException && !ReplayPublisher.IsBroker(e))
        {
            Stop($"Message {message.Id} cannot be sent: {e.Message.TrimEnd('.')}. Call this replay off with --cancel {replay.Number}, put the message aside with imagepipe errors archive {message.Id}, and replay the others.");
            return null;
        }
    }

    // A step's messages have failed again when somebody has worked on them and they are in an error queue.
    async Task WaitForFailuresAsync(int step, IReadOnlyCollection<string> queues, CancellationToken cancellation)
    {
        say($"Step of {step}: looking whether any fails again.");
        foreach (var queue in queues)
            await UntilTakenAsync(queue, cancellation);
        var end = _time.GetUtcNow() + options.CanaryWait;
        do
        {
            await CountFailuresAsync(cancellation);
            await Task.Delay(CanaryLook, _time, cancellation);
        }
        while (_time.GetUtcNow() < end);
        await CountFailuresAsync(cancellation);
    }

    async Task UntilTakenAsync(string queue, CancellationToken cancellation)
    {
        var (least, since) = (uint.MaxValue, _time.GetUtcNow());
        while (true)
        {
            (uint Waiting, uint Consumers)? seen;
            try
            {
                seen = await (await PublisherAsync(cancellation)).LookAsync(queue, cancellation);
            }
            catch (Exception e) when (ReplayPublisher.IsBroker(e))
            {
                await ReconnectAsync(e, cancellation);
                continue;
            }
            // Gone or empty: whoever has taken the message has it in hand.
            if (seen is not { Waiting: > 0 } waiting)
                return;
            if (waiting.Waiting < least)
                (least, since) = (waiting.Waiting, _time.GetUtcNow());
            else if (_time.GetUtcNow() - since > options.GiveUpAfter)
                Stop($"{Count(waiting.Waiting, "message waits", "messages wait")} in queue {queue} and {(waiting.Consumers == 0 ? "nobody reads it" : "its readers take none")}, so nothing tells whether they fail again.");
            await CountFailuresAsync(cancellation);
            await Task.Delay(CanaryLook, _time, cancellation);
        }
    }

    async Task LookNowAndThenAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Look, _time, stop);
                await CountFailuresAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The sending is over.
        }
    }

    // Looks into the error queues, and stops when too many of this replay are there again.
    async Task CountFailuresAsync(CancellationToken cancellation)
    {
        try
        {
            await session.Intake!.TakeInAsync([], cancellation);
        }
        catch (Exception e) when (ReplayPublisher.IsBroker(e))
        {
            // It is looked again; whether the broker comes back is the matter of the sending.
        }
        var cameBack = (await session.Replays.FindAsync(replay.Number, cancellation))!.CameBack - _cameBackBefore;
        Interlocked.Exchange(ref _cameBack, cameBack);
        if (cameBack > StopAfter)
            Stop($"{Count(cameBack, "message", "messages")} of this replay failed again. See imagepipe errors list for why; mend it and go on with --resume {replay.Number}, or call it off with --cancel {replay.Number}.");
    }

    async Task RenewAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await RecordAsync();
                if (!await session.Replays.RenewAsync(replay.Number, owner, CancellationToken.None))
                {
                    _isLeftToOthers = true;
                    await _leave.CancelAsync();
                    return;
                }
                await Task.Delay(Renewal, _time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The sending is over.
        }
    }

    // What fails beside the sending ends it, and is told when it has ended.
    async Task LeaveOnFailureAsync(Task work)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException) when (_leave.IsCancellationRequested)
        {
            // It was told to, by what is told already.
        }
        catch
        {
            await _leave.CancelAsync();
            throw;
        }
    }

    async Task RecordAsync()
    {
        var ids = new List<string>();
        while (ids.Count < 2 * Page && _confirmed.TryDequeue(out var id))
            ids.Add(id);
        await session.Replays.PublishedAsync(replay.Number, ids, CancellationToken.None);
        if (!_confirmed.IsEmpty)
            await RecordAsync();
    }

    async Task<ReplayPublisher> PublisherAsync(CancellationToken cancellation) => _publisher ??= await ReplayPublisher.ConnectAsync(_broker, _time, cancellation);

    // Waits a little before the next try; when the broker has been gone for too long it stops.
    async Task ReconnectAsync(Exception trouble, CancellationToken cancellation)
    {
        if (_publisher is not null)
        {
            await _publisher.DisposeAsync();
            _publisher = null;
        }
        var why = ReplayPublisher.Why(trouble);
        if (_brokenSince is not { } since)
        {
            _brokenSince = _time.GetUtcNow();
            say($"The broker cannot be used: {why}. Trying again for {options.GiveUpAfter.TotalSeconds:0} s.");
        }
        else if (_time.GetUtcNow() - since > options.GiveUpAfter)
            Stop($"The broker could not be used for {options.GiveUpAfter.TotalSeconds:0} s: {why}. Go on with --resume {replay.Number} when it can.");
        await Task.Delay(NextTry, _time, cancellation);
    }

    // Whoever waits hears of it by the token.
    void Stop(string why)
    {
        if (Interlocked.CompareExchange(ref _stopped, why, null) is null)
            _leave.Cancel();
    }

    static string Count(long number, string one, string more) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {(number == 1 ? one : more)}");
}

/// <summary>What was said of a replay on the command line, beside what is kept of it.</summary>
/// <param name="StopAfter">How many of its messages may fail again before it stops.</param>
/// <param name="PerSecond">How many messages a second at most; null for what it was begun with.</param>
sealed record ReplayRules(int StopAfter, double? PerSecond);

/// <summary>How far a replay is.</summary>
sealed record ReplayView(long Number, int Sent, long Messages, long CameBack);
