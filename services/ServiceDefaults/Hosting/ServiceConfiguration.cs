using ImagePipeline.Storage.Database;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.ServiceDefaults.Hosting;

/// <summary>How a service is configured: its defaults, under the feeds file, under the environment.</summary>
static class ServiceConfiguration
{
    static readonly KeyValuePair<string, string?>[] Defaults =
    [
        new("Logging:LogLevel:Default", "Information"),
        new("Logging:LogLevel:Microsoft", "Warning"),
        new("Logging:LogLevel:System", "Warning"),
        new("Logging:LogLevel:MassTransit", "Warning"),
    ];

    public static void AddTo(IConfigurationManager configuration)
    {
        configuration.AddInMemoryCollection(Defaults);
        var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        if (environment["FeedsFile"] is { } file)
        {
            if (file.Length == 0)
                throw new CannotStartException("FeedsFile (environment variable FeedsFile) is empty; the name of a JSON file is accepted.");
            FeedsFile.AddTo(configuration, file);
        }
        configuration.AddConfiguration(environment);
        CheckLevels(configuration);
        RefuseMemory(configuration);
        RefuseFile(configuration);
    }

    static void CheckLevels(IConfiguration configuration)
    {
        foreach (var level in configuration.GetSection("Logging:LogLevel").GetChildren().Where(l => !Enum.TryParse<LogLevel>(l.Value, ignoreCase: true, out _)))
            throw new CannotStartException(
                $"{level.Path} (environment variable {level.Path.Replace(":", "__", StringComparison.Ordinal)}) is \"{level.Value}\"; "
                + $"accepted are {string.Join(", ", Enum.GetNames<LogLevel>())}.");
    }

    static void RefuseMemory(IConfiguration configuration)
    {
        if ("InMemory".Equals(configuration["Bus:Transport"], StringComparison.OrdinalIgnoreCase))
            throw new CannotStartException(
                "Bus:Transport (environment variable Bus__Transport) is \"InMemory\", and nobody hears a service that is alone on its bus; "
                + "accepted is RabbitMq. imagepipe run has all services in one process.");
    }

    // One process that keeps its state elsewhere takes messages of the others from the broker, and what it hears is lost to them.
    static void RefuseFile(IConfiguration configuration)
    {
        if (configuration["Database:ConnectionString"] is not { Length: > 0 } address)
            throw new CannotStartException(
                "Database:ConnectionString (environment variable Database__ConnectionString) is not set; accepted is the PostgreSQL database that all services share, "
                + "\"Host=…;Database=…;Username=…;Password=…\".");
        if (PipelineDatabase.Open(address).IsSqlite)
            throw new CannotStartException(
                "Database:ConnectionString (environment variable Database__ConnectionString) names a SQLite file; accepted is the PostgreSQL database that all services "
                + "share, \"Host=…;Database=…;Username=…;Password=…\". imagepipe run works with a file.");
    }
}
