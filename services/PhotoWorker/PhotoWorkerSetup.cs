using ImagePipeline.PhotoWorker.Fetching;
using ImagePipeline.PhotoWorker.Imaging;
using ImagePipeline.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ImagePipeline.PhotoWorker;

/// <summary>Everything PhotoWorker is made of.</summary>
public static class PhotoWorkerSetup
{
    /// <summary>Adds what turns requests into stored photos.</summary>
    public static IServiceCollection AddPhotoWorker(this IServiceCollection services)
    {
        services.AddFetching();
        services.AddKeptPhotos();
        services.AddSingleton<PhotoProcess>();
        services.AddSingleton<PhotoMetrics>();
        services.AddSingleton<ConfigureLane>(WorkOn);
        return services;
    }

    /// <summary>Adds what makes renditions of originals that are kept, and nothing that could fetch one.</summary>
    public static IServiceCollection AddKeptPhotos(this IServiceCollection services)
    {
        // All of the section, so that a misspelt profile is not taken for the default one.
        services.AddValidatedOptions<PhotoWorkerOptions>("PhotoWorker");
        services.AddImaging();
        services.TryAddSingleton(provider => new BytesInFlight(provider.GetRequiredService<IOptions<PhotoWorkerOptions>>().Value.Fetching.MaxBytesInFlight));
        services.AddSingleton<StoredPhotos>();
        services.AddSingleton<KeptPhotos>();
        return services;
    }

    static void WorkOn(IRegistrationContext context, IReceiveEndpointConfigurator endpoint, string lane)
    {
        var concurrency = Concurrency(context, lane);
        // No more than what is worked on: what waits here could be worked on by another process.
        endpoint.PrefetchCount = concurrency;
        endpoint.ConcurrentMessageLimit = concurrency;
        endpoint.ConfigureConsumer<PhotoRequestedConsumer>(context);
    }

    static int Concurrency(IServiceProvider services, string lane)
    {
        var all = services.GetRequiredService<IOptions<PhotoWorkerOptions>>().Value;
        return lane == Lane.Urgent
            ? all.UrgentConcurrency
            : services.GetRequiredService<IOptionsMonitor<FeedOptions>>().Get(lane).LaneConcurrency ?? all.LaneConcurrency;
    }

    /// <summary>Adds the consumer to the bus; lanes connect it, one endpoint each.</summary>
    public static void AddPhotoWorkerConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddConsumer<PhotoRequestedConsumer, PhotoRequestedConsumerDefinition>().ExcludeFromConfigureEndpoints();
        bus.AddPublishObserver<FailedPhotos>();
    }
}
