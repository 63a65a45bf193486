using ImagePipeline.Storage.Failures;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Failures;

/// <summary>A broker and a database, and the command line that knows both.</summary>
sealed class ReplayScene : IAsyncDisposable
{
    /// <summary>A queue that nobody reads, so that what is sent to it stays.</summary>
    public const string Queue = "listing-photos-requested";

    readonly TempFolder _folder = new();

    ReplayScene(TestBroker broker, TestDatabase database)
    {
        (Broker, Database) = (broker, database);
        Imagepipe = new Imagepipe(_folder);
        foreach (var (name, value) in broker.Settings)
            Imagepipe.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value!;
        Imagepipe.Environment["Database__ConnectionString"] = database.ConnectionString;
        Imagepipe.Environment["Replay__ClaimTime"] = "00:00:05";
        Imagepipe.Environment["Replay__CanaryWait"] = "00:00:02";
        Messages = new FailedMessageTable(database.Database, TimeProvider.System);
        Replays = new ReplayTable(database.Database, TimeProvider.System);
    }

    public TestBroker Broker { get; }

    public TestDatabase Database { get; }

    public Imagepipe Imagepipe { get; }

    public FailedMessageTable Messages { get; }

    public ReplayTable Replays { get; }

    public static async Task<ReplayScene> CreateAsync(TestBroker broker, PostgresServer postgres, DatabaseKind kind = DatabaseKind.Sqlite) =>
        new(broker, await TestDatabase.CreateAsync(kind, postgres));

    /// <summary>Makes the queue, and so many messages that failed on it, a second after one another, the last one just now.</summary>
    /// <returns>Their ids, the oldest failure first.</returns>
    public async Task<IReadOnlyList<string>> FailAsync(int count, Func<RawFailure, RawFailure>? change = null)
    {
        await Broker.DeclareQueueAsync(Queue);
        var now = TimeProvider.System.GetUtcNow();
        var failures = Enumerable.Range(0, count).Select(i => new RawFailure { Queue = Queue, At = now.AddSeconds(i - count) }).Select(f => change?.Invoke(f) ?? f).ToList();
        await RawFailure.PutAsync(Broker, failures);
        return [.. failures.Select(f => f.MessageId)];
    }

    public Task<Ended> ReplayAsync(params string[] arguments) => Imagepipe.CommandAsync(["errors", "replay", .. arguments]);

    public ImagepipeProcess StartReplay(params string[] arguments) => Imagepipe.StartCommand(["errors", "replay", .. arguments]);

    /// <summary>The ids of the messages in a queue, in its order; it is empty then.</summary>
    public async Task<IReadOnlyList<string>> TakeAsync(string queue = Queue)
    {
        var ids = new List<string>();
        while (await Broker.GetAsync(queue) is { } message)
            ids.Add(message.Properties.MessageId!);
        return ids;
    }

    /// <summary>Waits until a replay has sent so many.</summary>
    public Task UntilSentAsync(long number, int count) => Eventually.IsSoAsync(async () => await Replays.FindAsync(number, CancellationToken.None) is { } replay && replay.Sent >= count);

    public Task UntilAsync(long number, ReplayState state) => Eventually.IsAsync(state, async () => (await Replays.FindAsync(number, CancellationToken.None))?.State);

    public async Task<Replay> FindAsync(long number) => (await Replays.FindAsync(number, CancellationToken.None))!;

    /// <summary>How many messages are in a state.</summary>
    public async Task<int> CountAsync(FailureState state) => (await Messages.FindAsync(new(), int.MaxValue, CancellationToken.None, state)).Count;

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _folder.Dispose();
    }
}
