using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.Storage.Failures;
using ImagePipeline.TestSupport;
using MassTransit;

namespace ImagePipeline.ListingNotifier.Tests;

public sealed class DatabaseOutageTests(PostgresServer postgres)
{
    const int Listings = 100;
    const int PhotosPerListing = 5;

    [Fact]
    public async Task A_database_that_is_gone_for_longer_than_all_retries_loses_nothing_and_fails_nothing()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.PostgreSql, postgres);
        using var store = new TempFolder();
        await using var notifier = await NotifierHost.StartAsync(database, store, settings: ("Gates:LongestPause", "00:00:02"));

        var telling = Task.Run(async () =>
        {
            for (var n = 0; n < Listings; n++)
            {
                await notifier.Bus.Publish(Some.Set($"L{n}", photos: [.. Enumerable.Range(0, PhotosPerListing).Select(p => ($"p{p}", "v1"))]));
                for (var p = 0; p < PhotosPerListing; p++)
                    await notifier.Bus.Publish(Some.Stored($"p{p}", key: $"L{n}"));
            }
        });
        // Some are announced and many are under way.
        await notifier.Heard.UntilAsync<PhotosReady>(3);
        await database.AllowAsync(connections: false);
        await Eventually.IsSoAsync(() => notifier.The<Gates>().IsClosed(Gates.Database));
        await telling;
        // The retries of a saga message end after some 5 s.
        await Task.Delay(TimeSpan.FromSeconds(8), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(Gates.Database, Assert.Single(notifier.The<Gates>().Closed).Name);
        await database.AllowAsync(connections: true);

        await notifier.Heard.UntilAsync<PhotosReady>(all => all.Where(r => r.Complete).Select(r => r.ListingKey).Distinct().Count() == Listings);
        Assert.Empty(notifier.Heard.All<Fault>());
        // A connection that was ended may be found only now, and closes it for a moment.
        await Eventually.IsAsync(0, () => Task.FromResult(notifier.The<Gates>().Closed.Count));
    }

    [Fact]
    public async Task What_fails_meanwhile_is_kept_when_it_is_there_again()
    {
        const int messages = 20;
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.PostgreSql, postgres);
        using var store = new TempFolder();
        await using var notifier = await NotifierHost.StartAsync(database, store, settings: ("Gates:LongestPause", "00:00:01"));
        var worker = await notifier.Bus.GetSendEndpoint(new Uri($"queue:{NotifierHost.FailingWorker.Queue}"));

        await database.AllowAsync(connections: false);
        for (var i = 0; i < messages; i++)
            await worker.Send(Some.Requested($"{i}"));
        await Eventually.IsSoAsync(() => notifier.The<Gates>().IsClosed(Gates.Database));
        await database.AllowAsync(connections: true);

        await Eventually.IsAsync(messages, async () => (await notifier.The<FailedMessageTable>().FindAsync(new(), 100, default)).Count);
    }
}
