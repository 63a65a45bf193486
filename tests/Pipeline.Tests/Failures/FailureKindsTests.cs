using System.Text.Json;
using ImagePipeline.Storage.Failures;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Failures;

public sealed class FailureKindsTests(RabbitMqServer server, PostgresServer postgres)
{
    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.PostgreSql)]
    public async Task Failures_of_eleven_kinds_are_eleven_groups_with_the_right_counts_and_a_replay_of_one_leaves_the_others_as_they_are(DatabaseKind kind)
    {
        await using var broker = await server.CreateVirtualHostAsync();
        await using var scene = await ReplayScene.CreateAsync(broker, postgres, kind);
        // Each has another count, so that each can be told.
        int[] counts = [.. Enumerable.Range(0, FailureKinds.Count).Select(i => 20 + i)];
        await RawFailure.PutAsync(broker, [.. counts.SelectMany((count, i) => FailureKinds.Of(i, count))]);
        foreach (var queue in FailureKinds.Queues)
            await broker.DeclareQueueAsync(queue);

        var groups = await GroupsAsync(scene);
        var one = groups.Single(g => g.Value == 25);
        var ended = await scene.ReplayAsync(one.Key, "--yes", "--rate", "200/s");

        Assert.Equal(counts, groups.Values.Order());
        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(groups.Where(g => g.Key != one.Key).OrderBy(g => g.Key), (await GroupsAsync(scene)).OrderBy(g => g.Key));
        Assert.Equal([("photo-url-expired", 25)], (await FilledAsync(broker)).Where(q => q.Count > 0));
        Assert.Equal((25, counts.Sum() - 25), (await scene.CountAsync(FailureState.Replayed), await scene.CountAsync(FailureState.Failed)));
    }

    static async Task<Dictionary<string, int>> GroupsAsync(ReplayScene scene)
    {
        var listed = await scene.Imagepipe.CommandAsync("errors", "list", "--json");
        Assert.True(listed.ExitCode == 0, listed.Said);
        return JsonDocument.Parse(listed.Out).RootElement.GetProperty("groups").EnumerateArray().ToDictionary(g => g.GetProperty("id").GetString()!, g => g.GetProperty("messages").GetInt32());
    }

    static async Task<List<(string Queue, int Count)>> FilledAsync(TestBroker broker)
    {
        var filled = new List<(string, int)>();
        foreach (var queue in FailureKinds.Queues)
            filled.Add((queue, (int)(await broker.CountAsync(queue))!));
        return filled;
    }
}
