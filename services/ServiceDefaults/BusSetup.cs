using ImagePipeline.Contracts;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Fabric = MassTransit.Transports.Fabric;

namespace ImagePipeline.ServiceDefaults;

/// <summary>The bus: its transport, its names and its topology, in one place for every process that touches a message.</summary>
public static class BusSetup
{
    /// <summary>
    /// Adds the bus with what <paramref name="register"/> registers on it. In memory: it lives and dies with this process, and asking again makes up
    /// for what it takes with it.
    /// </summary>
    public static IServiceCollection AddBus(this IServiceCollection services, Action<IBusRegistrationConfigurator> register)
    {
        services.AddValidatedOptions<RungOptions>("Rungs");
        services.AddSingleton<ILanes, InMemoryLanes>();
        services.AddOptions<MassTransitHostOptions>().Configure(options =>
        {
            options.WaitUntilStarted = true;
            // An in-memory endpoint drains its queue when it stops; what it does not finish is asked for again at the next start.
            options.StopTimeout = TimeSpan.FromSeconds(10);
            options.ConsumerStopTimeout = TimeSpan.FromSeconds(5);
        });
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.SetKebabCaseEndpointNameFormatter();
            register(bus);
            bus.UsingInMemory((context, transport) =>
            {
                Topology(transport);
                transport.ConfigureEndpoints(context);
            });
        });
        // Each retry would log a warning with its whole stack: an outage with 100,000 messages would log half a million of them.
        services.Configure<LoggerFilterOptions>(filters =>
            filters.Rules.Add(new LoggerFilterRule(null, "MassTransit.ReceiveTransport", LogLevel.Error, null)));
        return services;
    }

    /// <summary>Requests are routed to lanes by feed; everything else goes by its type.</summary>
    static void Topology(IInMemoryBusFactoryConfigurator transport)
    {
        transport.Send<PhotoRequested>(s => s.UseRoutingKeyFormatter(c => Lane.Of(c.Message)));
        transport.Publish<PhotoRequested>(p => p.ExchangeType = Fabric.ExchangeType.Direct);
    }

    /// <summary>Retries a failed message on the rungs, and calls it failed after the last; at once where <paramref name="except"/> ignores why.</summary>
    public static void UseRungs(this IConsumePipeConfigurator endpoint, RungOptions rungs, Action<IExceptionConfigurator> except) =>
        endpoint.UseDelayedRedelivery(r =>
        {
            except(r);
            r.Intervals([.. rungs.InForce]);
        });
}
