using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults.RabbitMq;
using ImagePipeline.Storage.Failures;
using ImagePipeline.Storage.Lanes;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Fabric = MassTransit.Transports.Fabric;

namespace ImagePipeline.ServiceDefaults;

/// <summary>The bus: its transport, its names and its topology, in one place for every process that touches a message.</summary>
public static class BusSetup
{
    /// <summary>
    /// Adds the bus that <see cref="BusOptions"/> names, with what <paramref name="register"/> registers on it. In memory it lives and dies with this
    /// process, and asking again makes up for what it takes with it.
    /// </summary>
    /// <exception cref="OptionsValidationException">The configuration names no such bus.</exception>
    public static void AddBus(this IHostApplicationBuilder builder, Action<IBusRegistrationConfigurator> register)
    {
        var services = builder.Services;
        services.AddValidatedOptions<BusOptions>("Bus");
        services.AddValidatedOptions<LaneOptions>("Lanes");
        services.AddValidatedOptions<RungOptions>("Rungs");
        services.AddSingleton<Publisher>();
        services.AddSingleton<FailedMessageTable>();
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.SetKebabCaseEndpointNameFormatter();
            bus.AddGates();
            register(bus);
            switch (TransportOf(builder))
            {
                case BusTransport.RabbitMq:
                    services.AddRabbitMq(bus);
                    break;
                case BusTransport.InMemory:
                    services.AddMemory(bus);
                    break;
            }
        });
        // Each retry would log a warning with its whole stack: an outage with 100,000 messages would log half a million of them.
        services.Configure<LoggerFilterOptions>(filters =>
            filters.Rules.Add(new LoggerFilterRule(null, "MassTransit.ReceiveTransport", LogLevel.Error, null)));
    }

    /// <summary>Retries a failed message on the rungs, and calls it failed after the last; at once where <paramref name="except"/> ignores why.</summary>
    public static void UseRungs(this IReceiveEndpointConfigurator endpoint, RungOptions rungs, Action<IExceptionConfigurator> except)
    {
        if (endpoint is IRabbitMqReceiveEndpointConfigurator)
            _ = new RabbitMqRungs(endpoint, rungs, Configure);
        else
            endpoint.UseDelayedRedelivery(Configure);

        void Configure(IRetryConfigurator retry)
        {
            except(retry);
            retry.Intervals([.. rungs.InForce]);
        }
    }

    /// <summary>
    /// Sends a message that cannot be tried now to wait as long as the first rung, without using up one of its tries: it comes back with the count it has.
    /// </summary>
    public static Task WaitOnFirstRung<T>(this ConsumeContext<T> context, RungOptions rungs)
        where T : class =>
        context.Redeliver(rungs.InForce[0], (_, sent) => sent.Headers.Set(MessageHeaders.RedeliveryCount, context.GetRedeliveryCount()));

    // Before the host is built: what is registered depends on it.
    static BusTransport TransportOf(IHostApplicationBuilder builder)
    {
        var options = new BusOptions();
        Settings.Bind(builder.Configuration.GetSection("Bus"), options);
        return options.Transport;
    }

    static void AddMemory(this IServiceCollection services, IBusRegistrationConfigurator bus)
    {
        services.AddSingleton<ILanes, InMemoryLanes>();
        services.AddOptions<MassTransitHostOptions>().Configure(options =>
        {
            options.WaitUntilStarted = true;
            // An in-memory endpoint drains its queue when it stops; what it does not finish is asked for again at the next start.
            options.StopTimeout = TimeSpan.FromSeconds(10);
            options.ConsumerStopTimeout = TimeSpan.FromSeconds(5);
        });
        bus.UsingInMemory((context, transport) =>
        {
            transport.Send<PhotoRequested>(s => s.UseRoutingKeyFormatter(c => Lane.Of(c.Message)));
            transport.Publish<PhotoRequested>(p => p.ExchangeType = Fabric.ExchangeType.Direct);
            InMemoryFailures.Keep(transport, context);
            transport.ConfigureEndpoints(context);
        });
    }

    static void AddRabbitMq(this IServiceCollection services, IBusRegistrationConfigurator bus)
    {
        services.AddValidatedOptions<RabbitMqOptions>(RabbitMqOptions.Section);
        services.AddSingleton<LaneTable>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<FailureIntake>(s, s.GetRequiredService<IOptions<RabbitMqOptions>>().Value));
        services.AddSingleton<Broker>();
        services.AddSingleton<ILanes, RabbitMqLanes>();
        services.AddHostedService<LaneEndpoints>();
        bus.AddBusObserver<DeclareBeforeStart>();
        bus.AddPublishObserver<PublishAfterDeclare>();
        bus.AddConfigureEndpointsCallback((_, endpoint) => BrokerTopology.Apply((IRabbitMqReceiveEndpointConfigurator)endpoint));
        bus.UsingRabbitMq((context, transport) =>
        {
            var to = context.GetRequiredService<IOptions<RabbitMqOptions>>().Value;
            var time = context.GetRequiredService<TimeProvider>();
            transport.Host(to.Host, (ushort)to.Port, to.VHost, host =>
            {
                host.Username(to.User);
                host.Password(to.Pass);
                host.Heartbeat(BrokerConnection.Heartbeat(to));
                // Longer than the socket's patience: a connection that ends is made anew and asked again, an answer that is late is an error of whoever asked.
                host.ContinuationTimeout(2 * to.AnswerTimeout);
                host.OnRefreshConnectionFactory = factory =>
                {
                    BrokerConnection.NoticeSilence(factory, to, time);
                    return Task.CompletedTask;
                };
                if (to.UseSsl)
                    host.UseSsl(ssl => ssl.ServerName = to.Host);
            });
            BrokerTopology.Apply(transport);
            transport.ConfigureEndpoints(context);
        });
    }
}
