using System.CommandLine;
using Microsoft.Extensions.Configuration;

namespace ImagePipeline.Cli;

/// <summary>The options by which a command finds state and photos. What is not said on the command line comes from the environment.</summary>
sealed class StateArguments
{
    readonly Option<string> _state = new("--state") { Description = "SQLite file with the state (default imagepipe.db)", HelpName = "FILE" };
    readonly Option<string> _store = new("--store") { Description = "where photos are kept: file:FOLDER or s3://BUCKET/PREFIX (default file:photos)", HelpName = "URL" };

    public void AddTo(Command command)
    {
        AddStateTo(command);
        command.Options.Add(_store);
    }

    /// <summary>For a command that does not look at photos.</summary>
    public void AddStateTo(Command command) => command.Options.Add(_state);

    public IEnumerable<KeyValuePair<string, string?>> Settings(ParseResult parsed)
    {
        if (parsed.GetValue(_state) is { } state)
            yield return new("Database:ConnectionString", $"Data Source={state}");
        if (parsed.GetValue(_store) is { } store)
            yield return new("Store:Url", store);
    }

    /// <summary>The environment, and over it the command line.</summary>
    public IConfiguration Configuration(ParseResult parsed) => new ConfigurationBuilder()
        .AddEnvironmentVariables()
        .AddInMemoryCollection(Settings(parsed))
        .Build();
}
