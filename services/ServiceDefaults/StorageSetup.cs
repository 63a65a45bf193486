using System.Diagnostics.Metrics;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Photos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ServiceDefaults;

/// <summary>The database and the photo store, as configured.</summary>
public static class StorageSetup
{
    /// <summary>Adds both. Nothing is opened before it is used; a host checks both as it starts.</summary>
    public static IServiceCollection AddPipelineStorage(this IServiceCollection services)
    {
        services.AddValidatedOptions<DatabaseOptions>("Database");
        services.AddValidatedOptions<PhotoStoreOptions>("Store");
        services.AddSingleton(s => PipelineDatabase.Open(s.GetRequiredService<IOptions<DatabaseOptions>>().Value.ConnectionString));
        services.AddSingleton<IPhotoStore>(s => new MeteredPhotoStore(
            PhotoStoreFactory.Open(s.GetRequiredService<IOptions<PhotoStoreOptions>>().Value), s.GetRequiredService<IMeterFactory>()));
        return services;
    }
}
