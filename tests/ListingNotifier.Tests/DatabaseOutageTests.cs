using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.TestSupport;
using MassTransit;
using Npgsql;

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
        await AllowAsync(database, false);
        while (!notifier.The<Gates>().IsClosed(Gates.Database))
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        await telling;
        // The retries of a saga message end after some 5 s.
        await Task.Delay(TimeSpan.FromSeconds(8), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(Gates.Database, Assert.Single(notifier.The<Gates>().Closed).Name);
        await AllowAsync(database, true);

        await notifier.Heard.UntilAsync<PhotosReady>(all => all.Where(r => r.Complete).Select(r => r.ListingKey).Distinct().Count() == Listings);
        Assert.Empty(notifier.Heard.All<Fault>());
        Assert.Empty(notifier.The<Gates>().Closed);
    }

    // From another database of the same server: this one takes no connections, and ends those it has.
    static async Task AllowAsync(TestDatabase database, bool connections)
    {
        var address = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false };
        var name = address.Database;
        address.Database = "postgres";
        await using var connection = new NpgsqlConnection(address.ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = connections
            ? $"ALTER DATABASE {name} ALLOW_CONNECTIONS true"
            : $"ALTER DATABASE {name} ALLOW_CONNECTIONS false; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'";
        await command.ExecuteNonQueryAsync();
    }
}
