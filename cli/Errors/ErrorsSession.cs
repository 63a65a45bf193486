using ImagePipeline.ServiceDefaults;
using ImagePipeline.ServiceDefaults.Hosting;
using ImagePipeline.ServiceDefaults.RabbitMq;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Failures;
using ImagePipeline.Storage.Lanes;
using Microsoft.Extensions.Configuration;

namespace ImagePipeline.Cli.Errors;

/// <summary>
/// What the errors commands work with: the database and, where there is one, the broker. No other setting is read, so that they work when the services' configuration is broken.
/// </summary>
sealed class ErrorsSession : IAsyncDisposable
{
    readonly PipelineDatabase _database;

    ErrorsSession(PipelineDatabase database, RabbitMqOptions? broker)
    {
        (_database, Broker) = (database, broker);
        Messages = new FailedMessageTable(database, Time);
        Replays = new ReplayTable(database, Time);
        Intake = broker is null ? null : new FailureIntake(broker, Messages, new LaneTable(database, Time), Time);
    }

    public TimeProvider Time { get; } = TimeProvider.System;

    /// <summary>Null in one process, whose failures are in the database from the start.</summary>
    public RabbitMqOptions? Broker { get; }

    /// <summary>What the database is called in a sentence.</summary>
    public string DatabaseName => _database.Name;

    public FailedMessageTable Messages { get; }

    public ReplayTable Replays { get; }

    /// <summary>Null where there is no broker.</summary>
    public FailureIntake? Intake { get; }

    /// <summary>Opens both as configured. The broker is looked for where <c>Bus:Transport</c> is RabbitMq, or is not said and a setting of <c>RabbitMqTransport</c> is.</summary>
    public static async Task<ErrorsSession> OpenAsync(IConfiguration configuration, CancellationToken cancellation)
    {
        var options = new DatabaseOptions();
        ServiceDefaults.Settings.Bind(configuration.GetSection("Database"), options);
        var database = PipelineDatabase.Open(options.ConnectionString);
        try
        {
            var broker = BrokerOf(configuration);
            if (broker is null && await DatabaseSchema.CheckAsync(database, cancellation) is null)
                throw new CannotStartException(
                    $"There is no state in {database.Name}; --state names another. For services, set Database__ConnectionString and RabbitMqTransport__Host as they have them.");
            await DatabaseSchema.UpgradeAsync(database, cancellation);
            return new ErrorsSession(database, broker);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    static RabbitMqOptions? BrokerOf(IConfiguration configuration)
    {
        var section = configuration.GetSection(RabbitMqOptions.Section);
        if (!Enum.TryParse<BusTransport>(configuration["Bus:Transport"], ignoreCase: true, out var transport))
            transport = section.GetChildren().Any() ? BusTransport.RabbitMq : BusTransport.InMemory;
        if (transport != BusTransport.RabbitMq)
            return null;
        var broker = new RabbitMqOptions();
        ServiceDefaults.Settings.Bind(section, broker);
        return broker;
    }

    public async ValueTask DisposeAsync()
    {
        if (Intake is not null)
            await Intake.DisposeAsync();
        await _database.DisposeAsync();
    }
}
