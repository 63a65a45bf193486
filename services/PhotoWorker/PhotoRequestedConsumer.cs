using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Fetching;
using ImagePipeline.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;

namespace ImagePipeline.PhotoWorker;

/// <summary>
/// Turns one request into one outcome: stored, rejected, or thrown and tried again on the rungs. Second delivery: the photo is found stored and
/// said so; a rejected one is judged again.
/// </summary>
sealed class PhotoRequestedConsumer(
    PhotoProcess process, PhotoMetrics metrics, ILanes lanes, Publisher publisher, IOptions<RungOptions> rungs, IOptions<PhotoWorkerOptions> options) : IConsumer<PhotoRequested>
{
    // Set on a request whose photo was gone when it was fetched: gone once more, it is rejected.
    const string GoneBefore = "Photo-Gone-Before";

    public async Task Consume(ConsumeContext<PhotoRequested> context)
    {
        var request = context.Message;
        var isFirstTry = context.GetRedeliveryCount() == 0;
        var isTried = true;
        try
        {
            var stored = await TryAsync(context, isFirstTry);
            // Counted first: whoever hears of the photo finds it counted.
            metrics.Stored(stored);
            await TellAsync(context, stored);
        }
        catch (RejectedException e)
        {
            await TellAsync(context, Rejected(request, e));
            metrics.Rejected(request, e.Reason);
            // Only now: killed in between, the kept original still tells why without another download.
            if (e.IsKept)
                await process.ForgetAsync(request, context.CancellationToken);
        }
        catch (PhotoGoneException)
        {
            await context.Redeliver(rungs.Value.InForce[0], (_, sent) => sent.Headers.Set(GoneBefore, 1));
        }
        catch (NotNowException)
        {
            isTried = false;
            await context.WaitOnFirstRung(rungs.Value);
        }
        catch (LeaseEndedException e) when (request.LeaseRefreshes < options.Value.MaxLeaseRefreshes)
        {
            await TellAsync(context, Expired(request, e.How));
        }
        finally
        {
            if (isTried && isFirstTry)
                lanes.Taken(request);
        }
    }

    async Task<PhotoStored> TryAsync(ConsumeContext<PhotoRequested> context, bool isFirstTry)
    {
        var isTried = true;
        try
        {
            return await process.RunAsync(context.Message, context.Headers.Get<int>(GoneBefore) ?? 0, context.CancellationToken);
        }
        catch (NotNowException)
        {
            isTried = false;
            throw;
        }
        finally
        {
            if (isTried && !isFirstTry)
                metrics.Retried(context.Message);
        }
    }

    // With the message's own token: when its channel is gone, the transport waits for this message before it makes a new one, and a publish that waits for the
    // new channel would wait for ever.
    Task TellAsync<T>(ConsumeContext<PhotoRequested> context, T outcome)
        where T : class => publisher.PublishAsync(context, outcome, context.Message.ListingUid, context.CancellationToken);

    static PhotoRejected Rejected(PhotoRequested request, RejectedException e) => new()
    {
        Feed = request.Feed,
        ListingKey = request.ListingKey,
        ListingUid = request.ListingUid,
        PhotoId = request.PhotoId,
        MediaKey = request.MediaKey,
        Version = request.Version,
        Generation = request.Generation,
        Reason = e.Reason,
        Detail = e.Message,
    };

    static PhotoUrlExpired Expired(PhotoRequested request, UrlExpiry reason) => new()
    {
        Feed = request.Feed,
        ListingKey = request.ListingKey,
        ListingUid = request.ListingUid,
        PhotoId = request.PhotoId,
        MediaKey = request.MediaKey,
        Version = request.Version,
        Generation = request.Generation,
        Reason = reason,
        LeaseRefreshes = request.LeaseRefreshes,
        Urgent = request.Urgent,
    };
}

/// <summary>Retries a request on the rungs: outside of the consumer, so that each try is a message of its own and holds no slot while it waits.</summary>
sealed class PhotoRequestedConsumerDefinition(IOptions<RungOptions> rungs) : ConsumerDefinition<PhotoRequestedConsumer>
{
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<PhotoRequestedConsumer> consumerConfigurator, IRegistrationContext context)
    {
        // The fresh URLs were its retries: this one does not get better by waiting.
        endpointConfigurator.UseRungs(rungs.Value, except => except.Ignore<LeaseEndedException>());
        // Not the feed's: what is stored already can be told while its vendor rests.
        endpointConfigurator.UseGates(context, Gates.Store);
    }
}
