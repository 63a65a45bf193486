using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>Registers the reading of feeds.</summary>
public static class FeedReadingSetup
{
    /// <summary>Adds <see cref="FeedSource"/>, and <see cref="FeedReadingOptions"/> checked when the host starts.</summary>
    public static IServiceCollection AddFeedReading(this IServiceCollection services)
    {
        services.AddValidatedOptions<FeedReadingOptions>(FeedReadingOptions.Section);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<FeedSource>();
        return services;
    }
}
