using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Dapper;
using ImagePipeline.Contracts;
using ImagePipeline.TestSupport;
using MassTransit;

namespace ImagePipeline.ListingNotifier.Tests;

public sealed class MetricsOnSqliteTests(PostgresServer postgres) : MetricsTests(DatabaseKind.Sqlite, postgres);

public sealed class MetricsOnPostgreSqlTests(PostgresServer postgres) : MetricsTests(DatabaseKind.PostgreSql, postgres);

/// <summary>What ListingNotifier tells of itself.</summary>
public abstract class MetricsTests(DatabaseKind kind, PostgresServer postgres) : IAsyncLifetime
{
    readonly TempFolder _folder = new();
    readonly ConcurrentQueue<(string Instrument, double Value, string Tags)> _measured = new();
    readonly MeterListener _listener = new();
    TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(kind, postgres);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _database.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Listings_are_counted_by_feed_and_state_and_the_last_count_stays_while_the_database_is_away()
    {
        await using var notifier = await StartAsync();
        await notifier.Bus.Publish(Some.Set("complete", photos: [("a", "v1")]));
        await notifier.Bus.Publish(Some.Stored("a", key: "complete"));
        await notifier.Bus.Publish(Some.Set("incomplete", photos: [("a", "v1")]));
        await notifier.Bus.Publish(Some.Rejected("a", key: "incomplete"));
        await notifier.Bus.Publish(Some.Set("pending", photos: [("a", "v1")]));
        await notifier.Bus.Publish(Some.Set("withdrawn"));
        await notifier.Bus.Publish(Some.Withdrawn("withdrawn"));
        string[] expected = ["1 feed=acme state=complete", "1 feed=acme state=incomplete", "1 feed=acme state=pending", "1 feed=acme state=withdrawn"];

        await Eventually.IsSoAsync(() => Scrape().SequenceEqual(expected));
        await using (var connection = await _database.Database.Source.OpenConnectionAsync())
            await connection.ExecuteAsync("ALTER TABLE listing_saga RENAME TO gone");
        // Two counts later; of one that fails nothing is to be seen.
        await Task.Delay(TimeSpan.FromSeconds(2.5), TimeProvider.System);

        Assert.Equal(expected, Scrape());
    }

    [Fact]
    public async Task The_time_from_a_change_to_its_announcement_is_recorded_once_for_each_generation()
    {
        await using var notifier = await StartAsync();
        await notifier.Bus.Publish(Some.Set() with { ChangedAt = TimeProvider.System.GetUtcNow().AddMinutes(-10) });
        await notifier.Heard.UntilAsync<PhotosReady>(1);
        await notifier.Bus.Publish(Some.Set(ask: 1) with { ChangedAt = TimeProvider.System.GetUtcNow().AddMinutes(-10) });
        await notifier.Heard.UntilAsync<PhotosReady>(2);
        await notifier.Bus.Publish(Some.Set(generation: 2, photos: [("a", "v1")]) with { ChangedAt = TimeProvider.System.GetUtcNow().AddMinutes(-20) });
        await notifier.Bus.Publish(Some.Rejected("a", generation: 2));
        await notifier.Heard.UntilAsync<PhotosReady>(all => all.Any(r => r.Generation == 2 && r.Final));
        await Eventually.IsSoAsync(() => Measured("imagepipe.listings.announcements").Count() == notifier.Heard.All<PhotosReady>().Count);

        Assert.Collection(
            Measured("imagepipe.listings.change_to_announced"),
            first => Assert.InRange(first.Value, 600, 900),
            second => Assert.InRange(second.Value, 1_200, 1_500));
        Assert.Equal("feed=acme state=incomplete", Measured("imagepipe.listings.announcements").Last().Tags);
        Assert.Equal("feed=acme state=complete", Measured("imagepipe.listings.announcements").First().Tags);
    }

    async Task<NotifierHost> StartAsync()
    {
        var notifier = await NotifierHost.StartAsync(
            _database, _folder, settings: [("ListingNotifier:SweepInterval", "00:00:00.2"), ("ListingNotifier:CountInterval", "00:00:01")]);
        var meters = notifier.The<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Meter.Name == "ImagePipeline.ListingNotifier")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _measured.Enqueue((instrument.Name, value, Text(tags))));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _measured.Enqueue((instrument.Name, value, Text(tags))));
        _listener.Start();
        return notifier;
    }

    IEnumerable<(double Value, string Tags)> Measured(string instrument) =>
        _measured.Where(m => m.Instrument == instrument).Select(m => (m.Value, m.Tags));

    string[] Scrape()
    {
        _measured.Clear();
        _listener.RecordObservableInstruments();
        return [.. Measured("imagepipe.listings").Select(m => $"{m.Value} {m.Tags}").Order(StringComparer.Ordinal)];
    }

    static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"));
}
