using ImagePipeline.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ServiceDefaults;

/// <summary>
/// The feeds as configured: named options, one name per feed id. A feed that is not configured, because its id only appears in what it says, has
/// the defaults.
/// </summary>
public sealed class FeedSettings(IConfiguration configuration) : IConfigureNamedOptions<FeedOptions>
{
    /// <summary>The ids of the configured feeds.</summary>
    /// <exception cref="OptionsValidationException">An id does not follow the rule.</exception>
    public IReadOnlyList<string> Ids
    {
        get
        {
            string[] ids = [.. configuration.GetSection("Feeds").GetChildren().Select(c => c.Key)];
            var bad = ids.Where(id => !FeedId.IsValid(id)).ToArray();
            return bad.Length == 0
                ? ids
                : throw new OptionsValidationException("Feeds", typeof(FeedOptions), bad.Select(id => $"Feeds:{id} is not a feed id; accepted is {FeedId.Rule}."));
        }
    }

    /// <inheritdoc />
    public void Configure(string? name, FeedOptions options) => Settings.Bind(configuration.GetSection($"Feeds:{name}"), options);

    /// <inheritdoc />
    public void Configure(FeedOptions options) => Configure(Options.DefaultName, options);

    /// <summary>Adds the feeds to a host: read with <c>IOptionsMonitor&lt;FeedOptions&gt;.Get(feed id)</c>.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddOptions();
        services.AddSingleton<FeedSettings>();
        services.AddSingleton<IConfigureOptions<FeedOptions>>(s => s.GetRequiredService<FeedSettings>());
    }
}
