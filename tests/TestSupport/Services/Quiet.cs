namespace ImagePipeline.TestSupport.Services;

static class Quiet
{
    /// <summary>Waits until nothing is in work any more, and then finds nothing failed, parked or unrouted.</summary>
    public static async Task IsQuietAsync(this TestBroker broker)
    {
        await Eventually.IsAsync("", async () => Names((await broker.QueuesAsync()).Where(q => q.Ready + q.Unacked > 0)), TimeSpan.FromMinutes(2));
        var failed = (await broker.QueuesAsync()).Where(q => q.Name.EndsWith("_error", StringComparison.Ordinal) || q.Name.EndsWith("_skipped", StringComparison.Ordinal));
        if (failed.Any())
            throw new InvalidOperationException($"Messages have failed: {Names(failed)}.");

        static string Names(IEnumerable<QueueInfo> queues) => string.Join(", ", queues.Select(q => $"{q.Name} ({q.Ready} ready, {q.Unacked} in hand)"));
    }
}
