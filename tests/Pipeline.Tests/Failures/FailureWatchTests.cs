using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Failures;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Failures;

/// <summary>ListingNotifier, a process of its own, takes in what failed, whatever comes and goes around it.</summary>
public sealed class FailureWatchTests(PostgresServer postgres, RestartableRabbitMqServer rabbitMq) : IClassFixture<RestartableRabbitMqServer>
{
    const string Queue = "listing-notifier_error";

    [Fact]
    public async Task Failed_messages_are_taken_in_and_measured_before_and_after_an_outage_of_the_broker_and_of_the_database_which_are_each_said_once()
    {
        using var folder = new TempFolder();
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.PostgreSql, postgres);
        var deployment = new Deployment(folder, broker, database.ConnectionString);
        deployment.Environment["Errors__TakeIn"] = "true";
        deployment.Environment["Errors__TakeInInterval"] = "00:00:00.2";
        deployment.Environment["Gates__LongestPause"] = "00:00:01";
        await deployment.UseFeedAsync(null);
        await using var notifier = deployment.Start("ListingNotifier");
        await notifier.UntilReadyAsync();

        await FailAsync("1");
        await TakenInAsync(1);
        await rabbitMq.StopAsync();
        // Many times as long as between two looks.
        await notifier.UntilSaidAsync("cannot be taken out of their queues");
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        await rabbitMq.StartAsync();
        await FailAsync("2");
        await TakenInAsync(2);

        await database.AllowAsync(connections: false);
        await FailAsync("3");
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.NotNull(await broker.CountAsync(Queue));
        await database.AllowAsync(connections: true);
        await TakenInAsync(3);

        await Eventually.IsAsync(3.0, async () => (await notifier.MetricsAsync()).Where(s => s.Name == "imagepipe_failures_unresolved").Sum(s => s.Value));
        // Of the database, where it is no statement that breaks, its gate alone tells.
        Assert.InRange(notifier.Lines.Count(line => line.Contains("cannot be taken out of their queues", StringComparison.Ordinal)), 1, 2);
        Assert.InRange(notifier.Lines.Count(line => line.Contains("cannot be counted", StringComparison.Ordinal)), 0, 1);

        Task FailAsync(string id) => broker.PublishAsync("", Queue, Intake.Envelope(id), Intake.Fault("listing-notifier"), "application/vnd.masstransit+json");

        Task TakenInAsync(int messages) => Eventually.IsAsync((messages, 0L), async () =>
        {
            // New connections: the old ones were ended.
            await using var opened = PipelineDatabase.Open(database.ConnectionString);
            return ((await new FailedMessageTable(opened, TimeProvider.System).FindAsync(new(), 100, default)).Count, await broker.CountAsync(Queue) ?? -1);
        }, TimeSpan.FromMinutes(2));
    }
}
