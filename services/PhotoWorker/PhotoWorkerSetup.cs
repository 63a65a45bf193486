using ImagePipeline.PhotoWorker.Fetching;
using ImagePipeline.PhotoWorker.Imaging;
using ImagePipeline.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace ImagePipeline.PhotoWorker;

/// <summary>Everything PhotoWorker is made of.</summary>
public static class PhotoWorkerSetup
{
    /// <summary>Adds what turns requests into stored photos.</summary>
    public static IServiceCollection AddPhotoWorker(this IServiceCollection services)
    {
        services.AddValidatedOptions<PhotoWorkerOptions>("PhotoWorker");
        services.AddFetching();
        services.AddImaging();
        services.AddSingleton<StoredPhotos>();
        services.AddSingleton<PhotoProcess>();
        services.AddSingleton<PhotoMetrics>();
        services.AddSingleton<ConfigureLane>((context, endpoint) => endpoint.ConfigureConsumer<PhotoRequestedConsumer>(context));
        return services;
    }

    /// <summary>Adds the consumer to the bus; lanes connect it, one endpoint each.</summary>
    public static void AddPhotoWorkerConsumers(this IRegistrationConfigurator bus) =>
        bus.AddConsumer<PhotoRequestedConsumer, PhotoRequestedConsumerDefinition>().ExcludeFromConfigureEndpoints();
}
