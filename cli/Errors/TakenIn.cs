using ImagePipeline.ServiceDefaults.Hosting;
using RabbitMQ.Client.Exceptions;

namespace ImagePipeline.Cli.Errors;

/// <summary>What a command has taken out of the queues before it looks at the table.</summary>
/// <param name="Messages">How many messages.</param>
/// <param name="NotLookedAt">Why the queues, or some of them, were not looked at, as a sentence; null when they were, and where there is no broker.</param>
sealed record TakenIn(int Messages, string? NotLookedAt)
{
    static readonly string[] Failed = ["_error", "_skipped"];

    /// <summary>
    /// Takes in what failed, and says on stderr what was taken or why it could not be. A named queue is taken in as well when its name says that it holds what failed:
    /// the name of any other may be that of a queue whose messages wait for their consumer.
    /// </summary>
    public static async Task<TakenIn> FirstAsync(ErrorsSession session, string? queue, CancellationToken cancellation)
    {
        if (session.Intake is not { } intake)
            return new(0, null);
        try
        {
            var ours = await intake.QueuesAsync(cancellation);
            var isAnother = queue is not null && !ours.Contains(queue) && Failed.Any(suffix => queue.EndsWith(suffix, StringComparison.Ordinal));
            var taken = await intake.TakeInAsync(isAnother ? [queue!] : [], cancellation);
            if (taken > 0)
                Say($"{PlainText.Count(taken, "message was", "messages were")} taken out of their queues.");
            return new(taken, null);
        }
        catch (Exception e) when (e is CannotStartException or OperationInterruptedException or PublishException or IOException or TimeoutException)
        {
            var why = $"The queues were not looked at, this is what the database has: {e.Message}";
            Say(why);
            return new(0, why);
        }
    }

    static void Say(string sentence) => Console.Error.WriteLine($"imagepipe: {sentence}");
}
