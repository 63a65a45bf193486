using ImagePipeline.ServiceDefaults;
using ImagePipeline.ServiceDefaults.Hosting;
using Microsoft.Extensions.Configuration;

namespace ImagePipeline.Cli;

/// <summary>How a run is configured: its own defaults, under a feeds file, under the environment, under the command line.</summary>
sealed record RunSetup
{
    // One process whose bus dies with it: a photo that fails is tried for half a minute, and by the next run.
    static readonly string[] RunRungs = ["00:00:01", "00:00:05", "00:00:20"];

    public string? FeedsFile { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string?>> Settings { get; init; }

    public bool Watch { get; init; }

    public void AddTo(IConfigurationBuilder configuration)
    {
        configuration.AddInMemoryCollection(Defaults());
        if (FeedsFile is { Length: 0 })
            throw new CannotStartException("--feeds needs the name of a file.");
        if (FeedsFile is not null)
            ServiceDefaults.FeedsFile.AddTo(configuration, Path.GetFullPath(FeedsFile));
        configuration.AddEnvironmentVariables();
        configuration.AddInMemoryCollection(Settings);
    }

    IEnumerable<KeyValuePair<string, string?>> Defaults()
    {
        yield return new("Bus:Transport", nameof(BusTransport.InMemory));
        yield return new("FeedIngest:Watch", Watch.ToString());
        yield return new("FeedIngest:AskAtStart", bool.TrueString);
        // Nobody else announces from this state: a claim left over is that of a run that was killed.
        yield return new("ListingNotifier:ClaimTime", "00:00:05");
        for (var i = 0; !Watch && i < RunRungs.Length; i++)
            yield return new($"Rungs:Delays:{i}", RunRungs[i]);
    }
}
