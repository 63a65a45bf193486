using System.Collections.Concurrent;
using ImagePipeline.ServiceDefaults.Hosting;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.ServiceDefaults.Tests;

/// <summary>Some work; what its number means is up to the test.</summary>
public sealed record Job(int Number);

/// <summary>A process with one consumer of <see cref="Job"/>, whose endpoint has the gates that are named at its entrance.</summary>
sealed class GateHost : IAsyncDisposable
{
    public const string Queue = "jobs";

    /// <summary>A gate that nothing but the test closes.</summary>
    public const string Gate = "feed:some";

    /// <summary>How many messages are taken from the broker at once.</summary>
    public const int Prefetch = 16;

    readonly IHost _host;

    GateHost(IHost host) => _host = host;

    public Gates Gates => The<Gates>();

    /// <summary>Whether the endpoint is stopped on purpose.</summary>
    public bool IsStopped => The<StoppedEndpoints>().Contains(Queue);

    public IBus Bus => The<IBus>();

    /// <summary>The jobs that were done, and those that were begun.</summary>
    public ConcurrentQueue<int> Done => The<Jobs>().Done;

    public ConcurrentQueue<int> Begun => The<Jobs>().Begun;

    public ConcurrentQueue<Fault<Job>> Faults => The<Jobs>().Faults;

    /// <summary>The most often that the broker says it had delivered a message before.</summary>
    public int DeliveriesBefore => The<Jobs>().DeliveriesBefore;

    public int Held => The<GatedEndpoints>().All.Sum(endpoint => endpoint.Held);

    public T The<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public static async Task<GateHost> StartAsync(
        IEnumerable<KeyValuePair<string, string?>> settings, Func<ConsumeContext<Job>, Gates, Task> work, params string[] entrance)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddMetrics();
        FeedSettings.Add(builder.Services);
        builder.Services.AddPipelineStorage();
        builder.Services.AddSingleton<Jobs>();
        builder.Services.AddSingleton(work);
        builder.AddBus(bus =>
        {
            bus.AddConsumer<Worker>().Endpoint(e =>
            {
                e.Name = Queue;
                e.PrefetchCount = Prefetch;
                e.ConcurrentMessageLimit = Prefetch;
            });
            bus.AddConsumer<FaultHearer>();
            bus.AddConfigureEndpointsCallback((context, name, endpoint) =>
            {
                if (name == Queue)
                    endpoint.UseGates(context, entrance);
            });
        });
        // What is published before a queue is there is lost.
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        // Much longer than a stop takes: what is to end with it does so by itself, or is found.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMinutes(3));
        var host = builder.Build();
        // MassTransit's log context flows with the test, and would hold on to the loggers of a host that the test has stopped.
        LogContext.ConfigureCurrentLogContext(host.Services.GetRequiredService<ILoggerFactory>());
        await host.StartAsync();
        return new GateHost(host);
    }

    public Task AskAsync(int jobs, int from = 0) => Task.WhenAll(Enumerable.Range(from, jobs).Select(number => Bus.Publish(new Job(number))));

    /// <summary>The trouble is over, and the probe has found out.</summary>
    public void Open(string gate = Gate) => Gates.Of(gate).OpenAsTold();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }

    sealed class Jobs
    {
        public ConcurrentQueue<int> Done { get; } = new();

        public ConcurrentQueue<int> Begun { get; } = new();

        public ConcurrentQueue<Fault<Job>> Faults { get; } = new();

        public int DeliveriesBefore;
    }

    sealed class Worker(Jobs jobs, Gates gates, Func<ConsumeContext<Job>, Gates, Task> work) : IConsumer<Job>
    {
        public async Task Consume(ConsumeContext<Job> context)
        {
            jobs.Begun.Enqueue(context.Message.Number);
            if (context.ReceiveContext.TransportHeaders.TryGetHeader("x-delivery-count", out var count))
                InterlockedMax(ref jobs.DeliveriesBefore, Convert.ToInt32(count, null));
            await work(context, gates);
            jobs.Done.Enqueue(context.Message.Number);
        }

        static void InterlockedMax(ref int most, int value)
        {
            int before;
            while ((before = most) < value && Interlocked.CompareExchange(ref most, value, before) != before)
            {
            }
        }
    }

    sealed class FaultHearer(Jobs jobs) : IConsumer<Fault<Job>>
    {
        public Task Consume(ConsumeContext<Fault<Job>> context)
        {
            jobs.Faults.Enqueue(context.Message);
            return Task.CompletedTask;
        }
    }
}
