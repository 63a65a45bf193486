using System.Collections.Concurrent;
using MassTransit;

namespace ImagePipeline.Storage.Tests.Sagas;

/// <summary>Tells when a message has been dealt with by its endpoint: after the last retry, when nothing of it is under way any more.</summary>
sealed class ReceivedMessages : IReceiveObserver
{
    readonly ConcurrentDictionary<Guid, TaskCompletionSource> _awaited = new();

    public Task Next(Guid messageId) =>
        _awaited.GetOrAdd(messageId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public Task PostReceive(ReceiveContext context)
    {
        if (context.GetMessageId() is { } id && _awaited.TryGetValue(id, out var awaited))
            awaited.TrySetResult();
        return Task.CompletedTask;
    }

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Task.CompletedTask;

    public Task ReceiveFault(ReceiveContext context, Exception exception) => PostReceive(context);
}
