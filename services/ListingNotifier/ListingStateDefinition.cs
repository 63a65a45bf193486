using System.Data.Common;
using ImagePipeline.Contracts;
using ImagePipeline.Storage.Database;
using MassTransit;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ListingNotifier;

/// <summary>How the saga is fed: one event of a listing at a time in this process, and another try when another process was faster.</summary>
public sealed class ListingStateDefinition : SagaDefinition<ListingState>
{
    readonly int _concurrent;

    /// <summary>Names the endpoint and its limits.</summary>
    public ListingStateDefinition(IOptions<ListingNotifierOptions> options)
    {
        _concurrent = options.Value.ConcurrentMessages;
        EndpointName = "listing-notifier";
        ConcurrentMessageLimit = _concurrent;
    }

    /// <inheritdoc />
    protected override void ConfigureSaga(
        IReceiveEndpointConfigurator endpointConfigurator, ISagaConfigurator<ListingState> sagaConfigurator, IRegistrationContext context)
    {
        endpointConfigurator.PrefetchCount = _concurrent;
        endpointConfigurator.UseMessageRetry(retry =>
        {
            // A conflict is over as soon as the other write is, so: often and soon. About 5 s in all, then the message is an error. A database that is
            // gone uses none of them: its gate holds the message.
            retry.Handle<ConcurrencyException>();
            retry.Handle<DbException>(e => !DatabaseOutage.Is(e));
            retry.Intervals(5, 10, 20, 40, 80, 160, 320, 640, 1_000, 1_000, 2_000);
        });

        // Twice as many partitions as messages at once, so that two listings seldom wait for each other.
        var partition = sagaConfigurator.CreatePartitioner(2 * _concurrent);
        sagaConfigurator.Message<ListingPhotosChanged>(m => m.UsePartitioner(partition, c => c.Message.ListingUid));
        sagaConfigurator.Message<PhotoStored>(m => m.UsePartitioner(partition, c => c.Message.ListingUid));
        sagaConfigurator.Message<PhotoRejected>(m => m.UsePartitioner(partition, c => c.Message.ListingUid));
        sagaConfigurator.Message<Fault<PhotoRequested>>(m => m.UsePartitioner(partition, c => c.Message.Message.ListingUid));
        sagaConfigurator.Message<ListingWithdrawn>(m => m.UsePartitioner(partition, c => c.Message.ListingUid));
        sagaConfigurator.Message<ListingBackfilled>(m => m.UsePartitioner(partition, c => c.Message.ListingUid));
    }
}
