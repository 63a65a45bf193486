using System.Diagnostics.Metrics;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Photos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ServiceDefaults;

/// <summary>The database and the photo store, as configured.</summary>
public static class StorageSetup
{
    /// <summary>Adds both, each behind its gate. Nothing is opened before it is used; a host checks both as it starts.</summary>
    public static IServiceCollection AddPipelineStorage(this IServiceCollection services)
    {
        services.AddPhotoStore();
        services.AddValidatedOptions<DatabaseOptions>("Database");
        services.AddSingleton(s => PipelineDatabase.Open(s.GetRequiredService<IOptions<DatabaseOptions>>().Value.ConnectionString)
            .Through(source => new GatedDataSource(source, s.GetRequiredService<Gates>())));
        return services;
    }

    /// <summary>Adds the photo store alone.</summary>
    public static IServiceCollection AddPhotoStore(this IServiceCollection services)
    {
        services.AddGates();
        services.AddValidatedOptions<PhotoStoreOptions>("Store");
        services.AddSingleton<IPhotoStore>(s => new MeteredPhotoStore(
            new GatedPhotoStore(
                PhotoStoreFactory.Open(s.GetRequiredService<IOptions<PhotoStoreOptions>>().Value, s.GetRequiredService<TimeProvider>()),
                s.GetRequiredService<Gates>()),
            s.GetRequiredService<IMeterFactory>()));
        return services;
    }
}
