namespace ImagePipeline.TestSupport.Services;

static class Quiet
{
    // The counts are a second or two old.
    static readonly TimeSpan Stale = TimeSpan.FromSeconds(3);

    /// <summary>Waits until nothing is in work any more, and then finds nothing failed, parked or unrouted.</summary>
    public static async Task IsQuietAsync(this TestBroker broker)
    {
        await Eventually.IsAsync("", LookTwiceAsync, TimeSpan.FromMinutes(3));

        // What is seen for the first time may be from before the last messages came.
        async Task<string> LookTwiceAsync()
        {
            if (await LookAsync() is { Length: > 0 } busy)
                return busy;
            await Task.Delay(Stale, TimeProvider.System);
            return await LookAsync();
        }

        async Task<string> LookAsync()
        {
            var busy = (await broker.QueuesAsync()).Where(q => q.Ready + q.Unacked > 0).ToList();
            var failed = busy.Where(q => q.Name.EndsWith("_error", StringComparison.Ordinal) || q.Name.EndsWith("_skipped", StringComparison.Ordinal)).ToList();
            return failed.Count == 0 ? Names(busy) : throw new InvalidOperationException($"Messages have failed: {Names(failed)}.");
        }

        static string Names(IEnumerable<QueueInfo> queues) => string.Join(", ", queues.Select(q => $"{q.Name} ({q.Ready} ready, {q.Unacked} in hand)"));
    }
}
