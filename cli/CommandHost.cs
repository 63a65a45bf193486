using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.Cli;

/// <summary>What hosts inside of a command have in common: configured by it alone, stopped by it alone, saying sentences.</summary>
static class CommandHost
{
    /// <summary>A host with configuration, logging, time, feeds and storage; its parts are still to be added.</summary>
    public static HostApplicationBuilder Create(Action<IConfigurationBuilder> configure)
    {
        // Not the default builder: a stray appsettings.json in the folder a command is started from must not change it.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        configure(builder.Configuration);
        builder.Logging.AddProvider(new SentenceLoggerProvider());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(15));

        // Signals are the command line's: the host's own answer to them would race it, and look like a part that failed.
        builder.Services.AddSingleton<IHostLifetime, StoppedByCommand>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddMetrics();
        FeedSettings.Add(builder.Services);
        builder.Services.AddPipelineStorage();
        builder.Services.AddValidatedOptions<RunOptions>("Run");
        return builder;
    }

    /// <summary>After the bus, whose own filter this tightens: what failed is told in the summary, one line each.</summary>
    public static void SilenceBus(this HostApplicationBuilder builder)
    {
        builder.Logging.AddFilter("MassTransit", LogLevel.None);
        builder.Logging.AddFilter("MassTransit.ReceiveTransport", LogLevel.None);
        builder.Logging.AddFilter("Microsoft", LogLevel.None);
    }

    sealed class StoppedByCommand : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
