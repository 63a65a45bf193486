using System.Text;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Failures;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ImagePipeline.TestSupport.Services;

/// <summary>
/// <c>imagepipe errors replay</c> killed with -9 at random moments, in turns while it takes in and while it replays. After each, every message id is in a queue or in the database;
/// in the end every message is in its queue, as it was sent first, and nothing waits.
/// </summary>
/// <param name="broker">A virtual host without services.</param>
/// <param name="database">The connection string of an empty database.</param>
/// <param name="folder">Where the tool is started.</param>
/// <param name="say">Tells how it goes.</param>
sealed class KilledReplays(TestBroker broker, string database, TempFolder folder, Action<string> say)
{
    const string Queue = "listing-photos-requested";
    const string ErrorQueue = $"{Queue}_error";

    // Enough that a kill falls into the work.
    const int TakenIn = 800, Replayed = 150;

    readonly Dictionary<string, string> _environment = new(
        broker.Settings.Select(s => KeyValuePair.Create(s.Key.Replace(":", "__", StringComparison.Ordinal), s.Value!)))
    {
        ["Database__ConnectionString"] = database,
        ["Replay__ClaimTime"] = "00:00:05",
    };

    readonly Dictionary<string, RawFailure> _all = [];

    /// <summary>Does it.</summary>
    /// <exception cref="InvalidOperationException">A message is lost, or something else is not as it should be.</exception>
    public async Task RunAsync(int kills, int seed)
    {
        say($"seed {seed}");
        var random = new Random(seed);
        await using var opened = PipelineDatabase.Open(database);
        await DatabaseSchema.UpgradeAsync(opened, CancellationToken.None);
        var messages = new FailedMessageTable(opened, TimeProvider.System);
        var replays = new ReplayTable(opened, TimeProvider.System);
        await broker.DeclareQueueAsync(Queue);
        for (var kill = 1; kill <= kills; kill++)
        {
            var isTakingIn = kill % 2 == 1;
            await FailAsync(isTakingIn ? TakenIn : Replayed);
            var sentBefore = await SentAsync(replays);
            await using var tool = Start("--all", "--yes", "--rate", "100/s", "--stop-after", "1000000");
            var left = random.Next(TakenIn);
            await Eventually.IsSoAsync(async () => tool.HasEnded || (isTakingIn ? await broker.CountAsync(ErrorQueue) <= left : await SentAsync(replays) > sentBefore));
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(isTakingIn ? 50 : 1_500)), TimeProvider.System);
            var wasOver = tool.HasEnded;
            await tool.KillAsync();
            var (kept, queued) = (0, 0);
            await Eventually.IsAsync(0, async () =>
            {
                var inQueue = (await PeekAsync(ErrorQueue)).Select(m => m.Id).ToHashSet();
                var inTable = (await messages.FindAsync(new(), int.MaxValue, CancellationToken.None)).Select(m => m.MessageId!).ToHashSet();
                (kept, queued) = (inTable.Count, inQueue.Count);
                return _all.Keys.Count(id => !inQueue.Contains(id) && !inTable.Contains(id));
            });
            say($"kill {kill} while {(isTakingIn ? "taking in" : "replaying")}{(wasOver ? " (it had ended)" : "")}: {queued} in the error queue, {kept} in the database, {await SentAsync(replays)} recorded as sent, of {_all.Count}");
        }

        await using var last = Start("--all", "--yes", "--rate", "5000/s", "--stop-after", "1000000");
        var ended = await last.EndAsync();
        Check(ended.ExitCode == 0, $"The last replay ended otherwise: {ended.Said}");
        var rows = await messages.FindAsync(new(), int.MaxValue, CancellationToken.None);
        var there = await PeekAsync(Queue);
        Check(rows.All(row => row.State == FailureState.Replayed), "Something still waits.");
        Check(rows.Count == _all.Count && rows.All(row => row.Failures == 1), $"{_all.Count} failures were kept as {rows.Count}.");
        Check(_all.Keys.ToHashSet().SetEquals(there.Select(m => m.Id)), "What is in the queue is not what failed.");
        Check(there.All(m => m.Body == Encoding.UTF8.GetString((_all[m.Id] with { Redeliveries = 0 }).Body)), "A body is another.");
        say($"{_all.Count} messages are in their queue, {there.Count - _all.Count} of them twice under one id; {kills} kills");
    }

    async Task FailAsync(int count)
    {
        var failures = Enumerable.Range(0, count).Select(_ => new RawFailure { Queue = Queue }).ToList();
        foreach (var failure in failures)
            _all.Add(failure.MessageId, failure);
        await RawFailure.PutAsync(broker, failures);
    }

    ServiceProcess Start(params string[] arguments) => ServiceProcess.Run(
        "imagepipe", Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "imagepipe.dll"), "errors", "replay", .. arguments],
        folder.Path, _environment);

    static async Task<long> SentAsync(ReplayTable replays) => (await replays.HistoryAsync(int.MaxValue, CancellationToken.None)).Sum(replay => replay.Sent);

    // All that is in a queue; it goes back when the channel is closed.
    async Task<IReadOnlyList<(string Id, string Body)>> PeekAsync(string queue)
    {
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        var count = (await channel.QueueDeclarePassiveAsync(queue)).MessageCount;
        var seen = new Heard();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, e) => seen.Add((e.BasicProperties.MessageId!, Encoding.UTF8.GetString(e.Body.Span)));
        if (count == 0)
            return [];
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer);
        return await seen.UntilAsync<(string, string)>((int)count);
    }

    static void Check(bool isRight, string otherwise)
    {
        if (!isRight)
            throw new InvalidOperationException(otherwise);
    }
}
