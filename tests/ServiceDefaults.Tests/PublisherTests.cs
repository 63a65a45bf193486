using System.Collections.Concurrent;
using MassTransit;

namespace ImagePipeline.ServiceDefaults.Tests;

public sealed class PublisherTests
{
    static readonly KeyValuePair<string, string?>[] InMemory = [new("Bus:Transport", "InMemory"), new("Database:ConnectionString", "Data Source=none.db"), new("Bus:ConfirmTimeout", "00:00:05")];

    [Fact]
    public async Task A_message_whose_confirmation_never_comes_is_published_again_under_the_same_id()
    {
        await using var host = await GateHost.StartAsync(InMemory, (_, _) => Task.CompletedTask);
        var bus = new LosesTheFirst();
        using var watching = host.Bus.ConnectPublishObserver(bus);

        await host.The<Publisher>().PublishAsync(new Job(1), Guid.NewGuid(), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Equal(2, bus.Ids.Count);
        Assert.Single(bus.Ids.Distinct());
    }

    [Fact]
    public async Task Whoever_no_longer_wants_it_published_need_not_wait()
    {
        await using var host = await GateHost.StartAsync(InMemory, (_, _) => Task.CompletedTask);
        using var watching = host.Bus.ConnectPublishObserver(new LosesTheFirst());
        using var stop = new CancellationTokenSource();

        var publishing = host.The<Publisher>().PublishAsync(new Job(1), Guid.NewGuid(), stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing);
    }

    // Heeds no token, as the client does not.
    sealed class LosesTheFirst : IPublishObserver
    {
        public ConcurrentQueue<Guid?> Ids { get; } = [];

        public Task PrePublish<T>(PublishContext<T> context)
            where T : class
        {
            Ids.Enqueue(context.MessageId);
            return Ids.Count == 1 ? new TaskCompletionSource().Task : Task.CompletedTask;
        }

        public Task PostPublish<T>(PublishContext<T> context)
            where T : class => Task.CompletedTask;

        public Task PublishFault<T>(PublishContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }
}
