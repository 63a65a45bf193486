using ImagePipeline.ServiceDefaults.Hosting;
using Microsoft.Extensions.Configuration;

namespace ImagePipeline.ServiceDefaults;

/// <summary>A JSON file with the section <c>Feeds</c> and nothing else.</summary>
public static class FeedsFile
{
    /// <summary>Adds the feeds of <paramref name="file"/> to a configuration.</summary>
    /// <exception cref="CannotStartException">It cannot be read, is no JSON, or holds something else.</exception>
    public static void AddTo(IConfigurationBuilder configuration, string file)
    {
        IConfigurationRoot parsed;
        try
        {
            parsed = new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(file), optional: false).Build();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException($"The feeds file {file} cannot be read.", e);
        }
        catch (InvalidDataException e)
        {
            throw new CannotStartException($"The feeds file {file} is not valid JSON: {(e.InnerException ?? e).Message}", e);
        }

        if (parsed.GetChildren().FirstOrDefault(c => !c.Key.Equals("Feeds", StringComparison.OrdinalIgnoreCase)) is { } unknown)
            throw new CannotStartException($"The feeds file {file} has a section {unknown.Key}; only Feeds is accepted, with one entry for each feed id.");
        configuration.AddConfiguration(parsed);
    }
}
