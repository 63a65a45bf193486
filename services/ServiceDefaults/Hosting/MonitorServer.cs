using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.ServiceDefaults.Hosting;

/// <summary>
/// Health and metrics over HTTP, beside the service's host: it answers while the service still waits for the broker, and until the last message in
/// work is finished.
/// </summary>
sealed class MonitorServer : IAsyncDisposable
{
    readonly WebApplication _app;

    MonitorServer(WebApplication app) => _app = app;

    /// <summary>Where it is reached from this machine, with the port it got.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Starts it where the environment says, else on this machine alone, at the service's own port or, when that is taken, a free one.</summary>
    /// <exception cref="CannotStartException">The address in the environment cannot be used.</exception>
    public static async Task<MonitorServer> StartAsync(ServiceName service, IServiceProvider services, CancellationToken cancellation)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        if (MonitorAddress.Configured(configuration) is { } configured)
            return await StartAsync(service, services, configured.Urls, cancellation) ?? throw new CannotStartException($"{configured.Said}; that address is taken.");
        return await StartAsync(service, services, [$"http://127.0.0.1:{service.Port}"], cancellation)
            ?? await StartAsync(service, services, ["http://127.0.0.1:0"], cancellation)
            ?? throw new CannotStartException("No port of 127.0.0.1 is free.");
    }

    // Null when an address is taken.
    static async Task<MonitorServer?> StartAsync(ServiceName service, IServiceProvider services, string[] urls, CancellationToken cancellation)
    {
        var app = Build(service, services, urls);
        try
        {
            await app.StartAsync(cancellation);
            return new(app);
        }
        catch (Exception e)
        {
            await app.DisposeAsync();
            if (e is IOException { InnerException: AddressInUseException })
                return null;
            if (e is IOException or System.Net.Sockets.SocketException or InvalidOperationException or FormatException or UnauthorizedAccessException)
                throw new CannotStartException($"Health and metrics cannot be served at {string.Join(";", urls)}: {e.Message.TrimEnd('.')}.", e);
            throw;
        }
    }

    static WebApplication Build(ServiceName service, IServiceProvider services, string[] urls)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = service.Name });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false).UseUrls(urls);
        builder.Services.AddSingleton(services.GetRequiredService<ILoggerFactory>());
        builder.Services.AddPipelineMetrics(service.Name);
        // A scraper that keeps its connection open must not hold up the end of the process.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        // Signals are the service's: the host's own answer to them would end this before the service has stopped.
        builder.Services.AddSingleton<IHostLifetime, Unstoppable>();
        var app = builder.Build();
        app.UseOpenTelemetryPrometheusScrapingEndpoint("/metrics");
        var readiness = services.GetRequiredService<Readiness>();
        app.Run(context => AnswerAsync(context, readiness));
        return app;
    }

    static async Task AnswerAsync(HttpContext context, Readiness readiness)
    {
        switch (context.Request.Path.Value)
        {
            case "/health/live":
                await context.Response.WriteAsync("is alive\n", context.RequestAborted);
                break;
            case "/health/ready":
                var report = await readiness.LookAsync(context.RequestAborted);
                context.Response.StatusCode = report.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
                await context.Response.WriteAsJsonAsync(report, context.RequestAborted);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    sealed class Unstoppable : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
