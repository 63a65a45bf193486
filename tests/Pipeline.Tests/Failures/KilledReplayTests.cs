using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Failures;

public sealed class KilledReplayTests(RabbitMqServer server, PostgresServer postgres, ITestOutputHelper output)
{
    [Fact]
    public async Task Killed_at_six_random_moments_while_taking_in_and_replaying_no_message_is_lost_and_all_are_sent_in_the_end()
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        using var folder = new TempFolder();

        await new KilledReplays(broker, database.ConnectionString, folder, output.WriteLine).RunAsync(kills: 6, Random.Shared.Next(1, int.MaxValue));
    }
}
