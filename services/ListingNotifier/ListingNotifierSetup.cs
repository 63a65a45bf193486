using System.Diagnostics.Metrics;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.ServiceDefaults.RabbitMq;
using ImagePipeline.Storage.Failures;
using ImagePipeline.Storage.Sagas;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ListingNotifier;

/// <summary>Everything ListingNotifier is made of.</summary>
public static class ListingNotifierSetup
{
    /// <summary>Adds what runs beside the bus: the signaller and what it needs.</summary>
    public static IServiceCollection AddListingNotifier(this IServiceCollection services)
    {
        services.AddValidatedOptions<ListingNotifierOptions>("ListingNotifier");
        services.AddSingleton<ListingTable>();
        services.AddSingleton<ListingReport>();
        services.AddSingleton<Removal>();
        services.AddSingleton<ListingMetrics>();
        services.AddHostedService<ListingCounts>();
        services.AddSingleton<Signaller>();
        services.AddHostedService(s => s.GetRequiredService<Signaller>());
        services.AddValidatedOptions<ErrorsOptions>("Errors");
        services.AddHostedService(s => new FailureWatch(
            s.GetRequiredService<FailedMessageTable>(),
            s.GetService<FailureIntake>(),
            s.GetRequiredService<IMeterFactory>(),
            s.GetRequiredService<IOptions<ErrorsOptions>>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<FailureWatch>>()));
        return services;
    }

    /// <summary>Adds the saga to the bus.</summary>
    public static void AddListingSaga(this IRegistrationConfigurator bus) =>
        bus.AddSagaStateMachine<ListingStateMachine, ListingState, ListingStateDefinition>()
            .KeepInTable(services =>
            {
                // Resolved at the first commit, not here: the signaller itself needs the table.
                var signaller = new Lazy<Signaller>(services.GetRequiredService<Signaller>);
                return ListingTable.Options(state => signaller.Value.Wake(state));
            });
}
