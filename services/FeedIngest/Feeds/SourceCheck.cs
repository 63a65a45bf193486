using ImagePipeline.ServiceDefaults;
using ImagePipeline.ServiceDefaults.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>Whether the feeds' sources are well-formed URLs.</summary>
static class SourceCheck
{
    /// <summary>Looks at the URLs before the service starts. A file may come later, and one that is missing must not keep the other feeds from being read.</summary>
    public static IServiceCollection AddSourceCheck(this IServiceCollection services) => services.AddStartCheck(async (s, cancellation) =>
    {
        var options = s.GetRequiredService<IOptionsMonitor<FeedOptions>>();
        var wrong = new List<string>();
        foreach (var id in s.GetRequiredService<FeedSettings>().Ids.Where(id => options.Get(id).Source.Contains("://", StringComparison.Ordinal)))
        {
            if (await s.GetRequiredService<FeedSource>().PreflightAsync(id, options.Get(id), cancellation) is { } sentence)
                wrong.Add(sentence);
        }
        if (wrong.Count > 0)
            throw new OptionsValidationException("Feeds", typeof(FeedOptions), wrong);
    });
}
