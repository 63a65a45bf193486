using System.Data.Common;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Failures;
using MassTransit;
using MassTransit.Middleware;
using Microsoft.Extensions.DependencyInjection;

namespace ImagePipeline.ServiceDefaults;

/// <summary>
/// Keeps what fails for good on the in-memory bus, and what no consumer takes, in table <c>failed_message</c>: in place of queues in memory that nobody reads and that die with the
/// process. On every endpoint, also those connected at run time.
/// </summary>
sealed class InMemoryFailures(FailedMessageTable table, Gates gates) : IEndpointConfigurationObserver, IFilter<ExceptionReceiveContext>, IFilter<ReceiveContext>
{
    /// <summary>Puts it in place; without a database the bus keeps its queues.</summary>
    public static void Keep(IInMemoryBusFactoryConfigurator bus, IServiceProvider services)
    {
        if (services.GetService<PipelineDatabase>() is not null)
            bus.ConnectEndpointConfigurationObserver(ActivatorUtilities.CreateInstance<InMemoryFailures>(services));
    }

    public void EndpointConfigured<T>(T configurator)
        where T : IReceiveEndpointConfigurator
    {
        configurator.ConfigureError(error =>
        {
            // What could not even be read has had no consumer to publish its fault.
            error.UseFilter(new GenerateFaultFilter());
            error.UseFilter(this);
        });
        configurator.ConfigureDeadLetter(skipped => skipped.UseFilter(this));
    }

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        var queue = QueueOf(context);
        var failedAt = new DateTimeOffset(context.ExceptionTimestamp, TimeSpan.Zero);
        await KeepAsync(
            new TakenMessage
            {
                Kind = FailureKind.Error,
                Queue = queue,
                FoundIn = $"{queue}_error",
                InProcess = true,
                ExceptionType = Text(MessageHeaders.FaultExceptionType),
                Reason = Text(MessageHeaders.FaultMessage) ?? context.Exception.GetBaseException().Message,
                StackTrace = Text(MessageHeaders.FaultStackTrace),
                FailedAt = failedAt,
                Occurrence = failedAt.ToString("O"),
                IsFirstDelivery = true,
                Body = context.Body.GetBytes(),
            },
            context.CancellationToken);
        await next.Send(context);

        string? Text(string header) => context.ExceptionHeaders.TryGetHeader(header, out var value) ? value as string : null;
    }

    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        var queue = QueueOf(context);
        await KeepAsync(
            new TakenMessage
            {
                Kind = FailureKind.Skipped,
                Queue = queue,
                FoundIn = $"{queue}_skipped",
                InProcess = true,
                Reason = "No consumer of its queue takes this message.",
                IsFirstDelivery = true,
                Body = context.Body.GetBytes(),
            },
            context.CancellationToken);
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("keepFailed");

    // The message is not done before it is kept. While there is no database it waits at its gate, like everything that needs it.
    async Task KeepAsync(TakenMessage message, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await table.AddAsync([message], cancellation);
                return;
            }
            catch (DbException e) when (DatabaseOutage.Is(e))
            {
                gates.Close(Gates.Database, null, DatabaseOutage.Sentence(e));
            }
        }
    }

    static string QueueOf(ReceiveContext context) => Uri.UnescapeDataString(context.InputAddress.AbsolutePath.Split('/')[^1]);
}
