using System.Data.Common;
using ImagePipeline.Storage.Database;
using MassTransit;
using MassTransit.Transports;

namespace ImagePipeline.ServiceDefaults;

/// <summary>
/// The entrance of an endpoint: holds a message, before anything of it was begun, while a gate it will need is closed; and puts one that is to be
/// given back where it came from.
/// </summary>
sealed class EntranceFilter(GatedEndpoint endpoint, TimeProvider time) : IFilter<ConsumeContext>
{
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        // A retry comes by here again, and the broker counts from the first time.
        var received = context.ReceiveContext.GetOrAddPayload(() => new Received(time.GetUtcNow())).At;
        var message = new GatedMessage(endpoint, received, context.CancellationToken);
        try
        {
            await endpoint.PassAsync(message);
            GatedMessage.Current = message;
            await next.Send(context);
        }
        catch (Exception) when (message.IsGivenBack)
        {
            // With the transport's own token nothing outside of this takes it for a failure: no rung, no fault, no error queue. Cancelled first,
            // the message is not even refused, it stays unsettled until the channel of the stopped endpoint closes: refused, it would come straight
            // back, and the broker would count two deliveries.
            (context.ReceiveContext as BaseReceiveContext)?.Cancel();
            throw new OperationCanceledException(context.CancellationToken);
        }
        catch (DbException e) when (DatabaseOutage.Is(e) && endpoint.Entrance.FirstOrDefault(gate => gate.Name == Gates.Database) is { } database)
        {
            // Broke in the middle of a statement, where nothing can wait: the retry outside of this does, at this entrance.
            database.Close(DatabaseOutage.Sentence(e), message);
            throw;
        }
        finally
        {
            message.End();
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("gates").Add("names", endpoint.Entrance.Select(gate => gate.Name).ToArray());

    sealed record Received(DateTimeOffset At);
}
