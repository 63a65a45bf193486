using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.Storage.Database;
using ImagePipeline.TestSupport;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.Pipeline.Tests.Bus;

/// <summary>A process on the product's own bus, whose lanes a test works on; without work it only sends.</summary>
sealed class BusHost : IAsyncDisposable
{
    static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(1);

    readonly IHost _host;

    BusHost(IHost host) => _host = host;

    public Heard Heard => The<Heard>();

    public ILanes Lanes => The<ILanes>();

    public IBus Bus => The<IBus>();

    public T The<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <param name="broker">The broker.</param>
    /// <param name="database">What processes share beside it.</param>
    /// <param name="work">What is done with a request; null for a process that has no lanes.</param>
    /// <param name="settings">Beside the test's own: short rungs, and lanes found soon.</param>
    public static async Task<BusHost> StartAsync(
        TestBroker broker, TestDatabase database, Func<ConsumeContext<PhotoRequested>, Task>? work = null, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(broker.Settings);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Rungs:Delays:0"] = "00:00:00.5",
            ["Rungs:Delays:1"] = "00:00:01",
            ["Rungs:Delays:2"] = "00:00:01.5",
            ["Lanes:SearchInterval"] = "00:00:00.2",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value)));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<PipelineDatabase>(database.Database);
        builder.Services.AddSingleton<Heard>();
        FeedSettings.Add(builder.Services);
        if (work is not null)
        {
            builder.Services.AddSingleton<ConfigureLane>((context, endpoint, _) =>
            {
                endpoint.UseRungs(context.GetRequiredService<IOptions<RungOptions>>().Value, _ => { });
                endpoint.Handler<PhotoRequested>(request => work(request));
            });
        }
        builder.AddBus(bus => bus.AddConsumer<FaultSubscriber>());
        var host = builder.Build();
        // MassTransit's log context flows with the test, and would hold on to the loggers of a host that the test has stopped.
        LogContext.ConfigureCurrentLogContext(host.Services.GetRequiredService<ILoggerFactory>());
        await host.StartAsync();
        return new BusHost(host);
    }

    // As a process of the product does it: what hangs beyond its time is left behind. With a broker that has just been away the client can wait for ever.
    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync().WaitAsync(StopTimeout);
        }
        catch (TimeoutException)
        {
            await Console.Error.WriteLineAsync($"A bus did not stop within {StopTimeout} and was left behind.");
        }

        async Task StopAsync()
        {
            await _host.StopAsync();
            await ((IAsyncDisposable)_host).DisposeAsync();
        }
    }

    sealed class FaultSubscriber(Heard heard) : IConsumer<Fault<PhotoRequested>>
    {
        public Task Consume(ConsumeContext<Fault<PhotoRequested>> context) => heard.Add(context.Message);
    }
}
