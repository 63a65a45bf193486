using System.Data.Common;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Gates;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ServiceDefaults;

/// <summary>Registers gates, and puts them at the entrance of endpoints.</summary>
public static class GateSetup
{
    /// <summary>Adds <see cref="Gates"/>, once however often it is called.</summary>
    public static IServiceCollection AddGates(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(Gates)))
            return services;
        services.AddValidatedOptions<GateOptions>("Gates");
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<GateMetrics>();
        services.AddSingleton(provider => new Gates(
            provider.GetRequiredService<IOptions<GateOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            Random.Shared.NextDouble,
            provider.GetRequiredService<GateMetrics>(),
            provider.GetRequiredService<ILogger<Gates>>()));
        services.AddSingleton<GatedEndpoints>();
        return services;
    }

    /// <summary>Adds what looks after gates, and the database's gate at the entrance of each endpoint that is configured by its name.</summary>
    internal static void AddGates(this IBusRegistrationConfigurator bus)
    {
        AddGates((IServiceCollection)bus);
        bus.AddSingleton(provider => new GateKeeper(
            provider.GetRequiredService<GatedEndpoints>(),
            // A process without a database has nobody to share with.
            provider.GetService<PipelineDatabase>() is { } database ? ActivatorUtilities.CreateInstance<GateSharing>(provider, new GateTable(database)) : null,
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<IOptions<GateOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<GateKeeper>>()));
        bus.AddReceiveEndpointObserver(provider => provider.GetRequiredService<GateKeeper>());
        bus.AddHostedService(provider => provider.GetRequiredService<GateKeeper>());
        bus.AddConfigureEndpointsCallback((context, _, endpoint) => endpoint.UseGates(context, Gates.Database));
    }

    /// <summary>
    /// Holds the endpoint's messages, before anything of them was begun, while one of the gates is closed. What breaks in the middle of a statement
    /// because the database is gone closes its gate and is repeated when that is open, for as long as it takes. May be called again to add gates.
    /// </summary>
    public static void UseGates(this IReceiveEndpointConfigurator endpoint, IServiceProvider services, params IEnumerable<string> names)
    {
        var endpoints = services.GetRequiredService<GatedEndpoints>();
        var isFirst = endpoints.Find(endpoint.InputAddress) is null;
        var entrance = endpoints.Add(endpoint.InputAddress, names);
        if (!isFirst)
            return;
        endpoint.UseMessageRetry(retry =>
        {
            // Never retried, only not told as a fault: the entrance turns it into a message that is given back.
            retry.Handle<GivenBackException>();
            retry.Handle<DbException>(DatabaseOutage.Is);
            // Each of them is held at the entrance until the database can be tried again.
            retry.Immediate(int.MaxValue);
        });
        endpoint.UseFilter(new EntranceFilter(entrance, services.GetRequiredService<TimeProvider>()));
    }
}
