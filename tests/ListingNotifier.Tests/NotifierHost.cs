using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.ListingNotifier.Tests;

/// <summary>The real ListingNotifier on the real bus, with a subscriber that keeps all it hears.</summary>
sealed class NotifierHost : IAsyncDisposable
{
    readonly IHost _host;

    NotifierHost(IHost host) => _host = host;

    public IBus Bus => The<IBus>();

    public Heard Heard => The<Heard>();

    public T The<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public static Task<NotifierHost> StartAsync(
        TestDatabase database, TempFolder store, TimeProvider? time = null, params (string Key, string Value)[] settings) =>
        StartAsync(database, store, time, s => s, settings);

    /// <param name="database">What ListingNotifier knows.</param>
    /// <param name="store">Where the store is.</param>
    /// <param name="time">Its clock; null: the system's.</param>
    /// <param name="inFront">Puts a double in front of the store.</param>
    /// <param name="settings">Its settings.</param>
    public static async Task<NotifierHost> StartAsync(
        TestDatabase database, TempFolder store, TimeProvider? time, Func<IPhotoStore, IPhotoStore> inFront, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "InMemory",
            ["Database:ConnectionString"] = database.ConnectionString,
            ["Store:Url"] = $"file:{store["store"]}",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value)));
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddMetrics();
        builder.Services.AddPipelineStorage();
        builder.Services.AddSingleton(_ => inFront(new FilePhotoStore(store["store"])));
        builder.Services.AddSingleton<Heard>();
        builder.AddBus(bus =>
        {
            bus.AddListingSaga();
            bus.AddConsumer<Subscriber>();
            bus.AddConsumer<FailingWorker>().Endpoint(e =>
            {
                e.Name = FailingWorker.Queue;
                e.ConfigureConsumeTopology = false;
            });
        });
        builder.Services.AddListingNotifier();
        var host = builder.Build();
        // MassTransit's log context flows with the test, and would hold on to the loggers of a host that the test has stopped.
        LogContext.ConfigureCurrentLogContext(host.Services.GetRequiredService<ILoggerFactory>());
        await host.StartAsync();
        host.Services.GetRequiredService<IBus>().ConnectPublishObserver(new PublishedObserver(host.Services.GetRequiredService<Heard>()));
        return new NotifierHost(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    /// <summary>A worker whose every try fails.</summary>
    public sealed class FailingWorker : IConsumer<PhotoRequested>
    {
        public const string Queue = "failing-worker";

        public const string Message = "https://photos.example answered 503.";

        public Task Consume(ConsumeContext<PhotoRequested> context) => throw new InvalidOperationException(Message);
    }

    /// <summary>The id an announcement came under.</summary>
    public sealed record AnnouncedAs(Guid? MessageId);

    /// <summary>An announcement that was published, in the order of publishing.</summary>
    public sealed record Published(PhotosReady Ready);

    sealed class PublishedObserver(Heard heard) : IPublishObserver
    {
        public Task PrePublish<T>(PublishContext<T> context)
            where T : class => Task.CompletedTask;

        public Task PostPublish<T>(PublishContext<T> context)
            where T : class => context.Message is PhotosReady ready ? heard.Add(new Published(ready)) : Task.CompletedTask;

        public Task PublishFault<T>(PublishContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }

    sealed class Subscriber(Heard heard) : IConsumer<PhotosReady>, IConsumer<PhotosRemoved>, IConsumer<ListingPhotosRequested>, IConsumer<Fault>
    {
        public async Task Consume(ConsumeContext<PhotosReady> context)
        {
            await heard.Add(new AnnouncedAs(context.MessageId));
            await heard.Add(context.Message);
        }

        public Task Consume(ConsumeContext<PhotosRemoved> context) => heard.Add(context.Message);

        public Task Consume(ConsumeContext<ListingPhotosRequested> context) => heard.Add(context.Message);

        public Task Consume(ConsumeContext<Fault> context) => heard.Add(context.Message);
    }
}
