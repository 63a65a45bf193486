using System.Collections.Concurrent;
using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.TestSupport;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.FeedIngest.Tests;

/// <summary>A request that reached the worker, by the lane it came through.</summary>
sealed record InLane(string Lane, PhotoRequested Request);

/// <summary>A message that FeedIngest has dealt with, without a failure.</summary>
sealed record Handled<T>(T Message);

/// <summary>
/// The real FeedIngest on the real bus, with a worker that takes requests up, or holds them, and a subscriber in the place of ListingNotifier. Both keep
/// what they hear.
/// </summary>
sealed class IngestHost : IAsyncDisposable
{
    readonly IHost _host;

    IngestHost(IHost host) => _host = host;

    public Heard Heard => The<Heard>();

    public FeedStatuses Statuses => The<FeedStatuses>();

    public Gates Gates => The<Gates>();

    public FeedListingTable Table => The<FeedListingTable>();

    public IReadOnlyList<PhotoRequested> Requested => [.. Heard.All<InLane>().Select(r => r.Request)];

    T The<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public static Task<IngestHost> StartAsync(TestDatabase database, TimeProvider time, params (string Key, string Value)[] settings) =>
        StartAsync(database, time, held: null, settings);

    /// <param name="database">What FeedIngest knows.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="held">A feed whose requests are held from the start.</param>
    /// <param name="settings">Its settings.</param>
    public static async Task<IngestHost> StartAsync(
        TestDatabase database, TimeProvider time, string? held, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Bus:Transport"] = "InMemory" });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value)));
        builder.Services.AddSingleton(time);
        builder.Services.AddMetrics();
        FeedSettings.Add(builder.Services);
        builder.Services.AddSingleton(database.Database);
        builder.Services.AddSingleton<Heard>();
        builder.Services.AddSingleton<Worker>();
        builder.Services.AddSingleton<ConfigureLane>((context, endpoint, _) => endpoint.Handler<PhotoRequested>(context.GetRequiredService<Worker>().TakeUpAsync));
        builder.AddBus(bus =>
        {
            bus.AddFeedIngestConsumers();
            // Of the endpoint: a limit of the consumer alone lets messages overtake each other on the way to it.
            bus.AddConsumer<Subscriber>().Endpoint(e => e.ConcurrentMessageLimit = 1);
            bus.AddConsumeObserver<HandledObserver>();
        });
        builder.Services.AddFeedIngest();
        var host = builder.Build();
        // MassTransit's log context flows with the test, and would hold on to the loggers of a host that the test has stopped.
        LogContext.ConfigureCurrentLogContext(host.Services.GetRequiredService<ILoggerFactory>());
        var ingest = new IngestHost(host);
        if (held is not null)
            ingest.Hold(held);
        await host.StartAsync();
        return ingest;
    }

    /// <summary>Waits until every feed was read once and what was left over is asked for.</summary>
    public async Task ReadAsync() => await Statuses.ReadOnce.WaitAsync(TimeSpan.FromMinutes(2));

    /// <summary>Publishes a message and waits until FeedIngest has dealt with it.</summary>
    public async Task TellAsync<T>(T message)
        where T : class
    {
        var before = Heard.All<Handled<T>>().Count;
        await The<IBus>().Publish(message);
        await Heard.UntilAsync<Handled<T>>(before + 1);
    }

    /// <summary>Sends a message to a queue as plain JSON, without the envelope.</summary>
    public async Task SendPlainAsync<T>(string queue, T message)
        where T : class
    {
        var endpoint = await The<IBus>().GetSendEndpoint(new Uri($"queue:{queue}"));
        await endpoint.Send(message, (SendContext<T> context) => context.Serializer = new SystemTextJsonRawMessageSerializer(RawSerializerOptions.AnyMessageType));
    }

    /// <summary>Publishes a message that FeedIngest cannot deal with, and waits for the sentence that says why.</summary>
    public async Task<string> FailAsync<T>(T message)
        where T : class
    {
        await The<IBus>().Publish(message);
        return Assert.Single((await Heard.FirstAsync<Fault<T>>()).Exceptions).Message;
    }

    /// <summary>Publishes without waiting for anything.</summary>
    public Task PublishAsync<T>(T message)
        where T : class => The<IBus>().Publish(message);

    /// <summary>Waits until the subscriber has heard all that was published until now, and no request waits in a lane of the feed.</summary>
    public async Task SettleAsync(string feed = Some.Feed)
    {
        var marker = new Marker(Guid.NewGuid());
        await The<IBus>().Publish(marker);
        await Heard.UntilAsync<Marker>(all => all.Contains(marker));
        while (true)
        {
            // Counted before, so that one which is taken up just now is not waited for a second time.
            var takenUp = Heard.All<TakenUp>().Count;
            var waiting = await WaitingAsync(feed);
            if (waiting == 0)
                return;
            await Heard.UntilAsync<TakenUp>(takenUp + waiting);
        }
    }

    public Task<int> WaitingAsync(string feed) => The<ILanes>().WaitingAsync(feed, CancellationToken.None);

    /// <summary>From now on requests of this feed reach the worker and are not taken up.</summary>
    public void Hold(string feed) => The<Worker>().Hold(feed);

    public void Release(string feed) => The<Worker>().Release(feed);

    public async ValueTask DisposeAsync()
    {
        The<Worker>().ReleaseAll();
        await _host.StopAsync();
        _host.Dispose();
    }

    public sealed record Marker(Guid Id);

    /// <summary>A request that the worker has taken up.</summary>
    public sealed record TakenUp(PhotoRequested Request);

    sealed class Worker(Heard heard, IServiceProvider services)
    {
        readonly ConcurrentDictionary<string, TaskCompletionSource> _held = new();

        public void Hold(string feed) => _held[feed] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release(string feed)
        {
            if (_held.TryRemove(feed, out var held))
                held.SetResult();
        }

        public void ReleaseAll()
        {
            foreach (var feed in _held.Keys)
                Release(feed);
        }

        public async Task TakeUpAsync(ConsumeContext<PhotoRequested> context)
        {
            await heard.Add(new InLane(context.ReceiveContext.InputAddress.AbsolutePath.Split("photo-requested-")[^1], context.Message));
            if (_held.TryGetValue(context.Message.Feed, out var held))
                await held.Task;
            services.GetRequiredService<ILanes>().Taken(context.Message);
            await heard.Add(new TakenUp(context.Message));
        }
    }

    sealed class Subscriber(Heard heard) : IConsumer<ListingPhotosChanged>, IConsumer<ListingWithdrawn>, IConsumer<Marker>,
        IConsumer<Fault<ListingPhotosSubmitted>>, IConsumer<Fault<ListingPhotosRequested>>, IConsumer<Fault<PhotoUrlExpired>>
    {
        public Task Consume(ConsumeContext<ListingPhotosChanged> context) => heard.Add(context.Message);

        public Task Consume(ConsumeContext<ListingWithdrawn> context) => heard.Add(context.Message);

        public Task Consume(ConsumeContext<Marker> context) => heard.Add(context.Message);

        public Task Consume(ConsumeContext<Fault<ListingPhotosSubmitted>> context) => heard.Add(context.Message);

        public Task Consume(ConsumeContext<Fault<ListingPhotosRequested>> context) => heard.Add(context.Message);

        public Task Consume(ConsumeContext<Fault<PhotoUrlExpired>> context) => heard.Add(context.Message);
    }

    sealed class HandledObserver(Heard heard) : IConsumeObserver
    {
        public Task PreConsume<T>(ConsumeContext<T> context)
            where T : class => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context)
            where T : class => heard.Add(new Handled<T>(context.Message));

        public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }
}
