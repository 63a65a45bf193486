using MassTransit;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ServiceDefaults;

/// <summary>
/// Publishes until the bus has taken the message: while the broker is away it waits, and a message that is not confirmed in time is published again, under
/// the same id. The broker's client can lose the confirmation of what was under way when its connection ended, and then waits for it for ever
/// (RabbitMQ.Client 7.2.2, its issue 1930).
/// </summary>
public sealed class Publisher(IBus bus, IOptions<BusOptions> options, TimeProvider time)
{
    static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>Publishes a message about a listing.</summary>
    public Task PublishAsync<T>(T message, Guid listingUid, CancellationToken cancellation, Guid? messageId = null)
        where T : class => PublishAsync(bus, message, listingUid, cancellation, messageId);

    /// <summary>Publishes a message about a listing as part of what <paramref name="through"/> does, such as consuming another one.</summary>
    public async Task PublishAsync<T>(IPublishEndpoint through, T message, Guid listingUid, CancellationToken cancellation, Guid? messageId = null)
        where T : class
    {
        var id = messageId ?? NewId.NextGuid();
        while (true)
        {
            using var late = new CancellationTokenSource(options.Value.ConfirmTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
            try
            {
                await through.Publish(message, context => (context.MessageId, context.CorrelationId) = (id, listingUid), either.Token).WaitAsync(either.Token);
                return;
            }
            // Not cancelled by whoever publishes: by the time limit here, or by one of the client's own.
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                await Task.Delay(AgainAfter, time, cancellation);
            }
        }
    }
}
