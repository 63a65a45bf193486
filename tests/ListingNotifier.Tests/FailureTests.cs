using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using ImagePipeline.Contracts;
using ImagePipeline.Storage.Failures;
using ImagePipeline.TestSupport;

namespace ImagePipeline.ListingNotifier.Tests;

public sealed class FailuresOnSqliteTests(PostgresServer postgres) : FailureTests(DatabaseKind.Sqlite, postgres);

public sealed class FailuresOnPostgreSqlTests(PostgresServer postgres) : FailureTests(DatabaseKind.PostgreSql, postgres);

/// <summary>What failed for good in one process, and what ListingNotifier tells of failures.</summary>
public abstract class FailureTests(DatabaseKind kind, PostgresServer postgres) : IAsyncLifetime
{
    readonly TempFolder _folder = new();
    TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(kind, postgres);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    FailedMessageTable Table => new(_database.Database, TimeProvider.System);

    [Fact]
    public async Task In_one_process_what_fails_is_in_the_table_and_its_fault_is_published_all_the_same()
    {
        await using var notifier = await NotifierHost.StartAsync(_database, _folder);
        await notifier.Bus.Publish(Some.Set(photos: [("a", "v1")]));
        var request = Some.Requested("a");

        await SendAsync(notifier, NotifierHost.FailingWorker.Queue, request);

        var ready = await notifier.Heard.FirstAsync<PhotosReady>();
        Assert.Equal((true, MissingReason.Failed), (ready.Final, Assert.Single(ready.Missing).Reason));
        var failed = await OneAsync();
        Assert.Equal((FailureKind.Error, NotifierHost.FailingWorker.Queue, "failing-worker_error", true), (failed.Kind, failed.Queue, failed.FoundIn, failed.InProcess));
        Assert.Equal(("PhotoRequested", "System.InvalidOperationException", NotifierHost.FailingWorker.Message), (failed.MessageType, failed.ExceptionType, failed.Reason));
        Assert.Equal((Some.Feed, "L1", $"{request.PhotoId}"), (failed.Feed, failed.ListingKey, failed.PhotoId));
        Assert.Contains("FailingWorker.Consume", failed.Frame, StringComparison.Ordinal);
        Assert.NotNull(failed.MessageId);
        var read = (await Table.ReadAsync(failed.Id, default))!;
        Assert.Contains(request.SourceUrl, Encoding.UTF8.GetString(read.Body), StringComparison.Ordinal);
        Assert.NotNull(read.StackTrace);
    }

    [Fact]
    public async Task In_one_process_what_no_consumer_takes_is_in_the_table()
    {
        await using var notifier = await NotifierHost.StartAsync(_database, _folder);

        await SendAsync(notifier, NotifierHost.FailingWorker.Queue, Some.Stored("a"));

        var skipped = await OneAsync();
        Assert.Equal((FailureKind.Skipped, "failing-worker", "failing-worker_skipped", "PhotoStored", null), (skipped.Kind, skipped.Queue, skipped.FoundIn, skipped.MessageType, skipped.ExceptionType));
    }

    [Fact]
    public async Task Failures_that_nobody_has_dealt_with_are_measured_the_largest_groups_by_themselves_and_the_rest_as_one()
    {
        await AddAsync(("a", 5), ("b", 3), ("c", 2), ("d", 1));
        await using var notifier = await NotifierHost.StartAsync(_database, _folder, settings: [("Errors:TakeInInterval", "00:00:00.1"), ("Errors:MetricGroups", "2")]);
        using var metrics = new Measurements(notifier.The<IMeterFactory>());

        await Eventually.IsAsync("5 System.Exception q-a|3 System.Exception q-b|3 other other", () => Task.FromResult(metrics.Unresolved()));
        Assert.InRange(metrics.OldestAge(), 7_200, 7_500);

        await new ReplayTable(_database.Database, TimeProvider.System).ArchiveAsync(new(), new("ann", "archive"), default);

        await Eventually.IsAsync("0 other other", () => Task.FromResult(metrics.Unresolved()));
        Assert.Equal(0, metrics.OldestAge());
    }

    [Fact]
    public async Task What_was_dealt_with_is_deleted_when_its_retention_is_over()
    {
        await AddAsync(("old", 2), ("waits", 1));
        var past = new PastTime(TimeProvider.System.GetUtcNow().AddDays(-31));
        await new ReplayTable(_database.Database, past).ArchiveAsync(new() { Queue = "q-old" }, new("ann", "archive"), default);

        await using var notifier = await NotifierHost.StartAsync(_database, _folder);

        await Eventually.IsAsync("q-waits", async () => string.Join(' ', (await Table.FindAsync(new(), 10, default)).Select(m => m.Queue)));
    }

    Task<int> AddAsync(params (string Name, int Count)[] groups) => Table.AddAsync(
        [.. groups.SelectMany(group => Enumerable.Range(0, group.Count).Select(i => new TakenMessage
        {
            Kind = FailureKind.Error,
            Queue = $"q-{group.Name}",
            FoundIn = $"q-{group.Name}_error",
            MessageId = $"{group.Name}{i}",
            ExceptionType = "System.Exception",
            Reason = "No.",
            FailedAt = TimeProvider.System.GetUtcNow().AddHours(-2),
            Body = new byte[] { 1 },
        }))], default);

    async Task<FailedMessage> OneAsync()
    {
        await Eventually.IsAsync(1, async () => (await Table.FindAsync(new(), 10, default)).Count);
        return Assert.Single(await Table.FindAsync(new(), 10, default));
    }

    static async Task SendAsync<T>(NotifierHost notifier, string queue, T message)
        where T : class => await (await notifier.Bus.GetSendEndpoint(new Uri($"queue:{queue}"))).Send(message);

    sealed class PastTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    sealed class Measurements : IDisposable
    {
        readonly ConcurrentQueue<(string Instrument, double Value, string Tags)> _measured = new();
        readonly MeterListener _listener = new();

        public Measurements(IMeterFactory meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Meter.Name == FailureWatch.MeterName)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _measured.Enqueue((instrument.Name, value, Text(tags))));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _measured.Enqueue((instrument.Name, value, Text(tags))));
            _listener.Start();
        }

        public string Unresolved() => string.Join('|', Measured("imagepipe.failures.unresolved").Select(m => $"{m.Value} {m.Tags}"));

        public double OldestAge() => Assert.Single(Measured("imagepipe.failures.oldest_age")).Value;

        public void Dispose() => _listener.Dispose();

        List<(string Instrument, double Value, string Tags)> Measured(string instrument)
        {
            _measured.Clear();
            _listener.RecordObservableInstruments();
            return [.. _measured.Where(m => m.Instrument == instrument)];
        }

        static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Join(' ', tags.ToArray().Where(t => t.Key != "group").OrderBy(t => t.Key).Select(t => t.Value));
    }
}
