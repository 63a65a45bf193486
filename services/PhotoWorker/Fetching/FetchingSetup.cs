using System.Net;
using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>Registers what downloads photos.</summary>
static class FetchingSetup
{
    /// <summary>Adds <see cref="PhotoFetcher"/>, <see cref="Gates"/> and <see cref="FetchMetrics"/>. The host adds logging, metrics, and
    /// <c>FeedOptions</c> by feed id.</summary>
    public static IServiceCollection AddFetching(this IServiceCollection services)
    {
        services.AddValidatedOptions<FetchingOptions>(FetchingOptions.Section);
        services.TryAddSingleton(TimeProvider.System);
        services.AddGates();
        services.AddSingleton<FetchMetrics>();
        services.AddSingleton<HostGuard.Resolve>(Dns.GetHostAddressesAsync);
        services.AddSingleton<HostGuard>();
        services.AddSingleton(InFlight);
        services.AddSingleton(provider => new PhotoGet(
            new HttpMessageInvoker(Handler(provider.GetRequiredService<IOptions<FetchingOptions>>().Value, provider.GetRequiredService<HostGuard>())),
            provider.GetRequiredService<HostGuard>(),
            provider.GetRequiredService<BytesInFlight>(),
            provider.GetRequiredService<FetchMetrics>(),
            provider.GetRequiredService<IOptions<FetchingOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<PhotoFetcher>();
        return services;
    }

    static BytesInFlight InFlight(IServiceProvider services)
    {
        var inFlight = new BytesInFlight(services.GetRequiredService<IOptions<FetchingOptions>>().Value.MaxBytesInFlight);
        services.GetRequiredService<FetchMetrics>().Show(inFlight);
        return inFlight;
    }

    // One handler for all feeds, not the client factory's: its logging writes URLs, and a photo's URL may be a secret.
    static SocketsHttpHandler Handler(FetchingOptions options, HostGuard guard) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        // A proxy would make the connection for us, and to an address that was never checked.
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectCallback = guard.ConnectAsync,
        PlaintextStreamFilter = AnswerStream.Wrap,
        ConnectTimeout = options.ConnectTimeout,
        PooledConnectionLifetime = options.ConnectionLifetime,
        PooledConnectionIdleTimeout = options.ConnectionIdleTimeout,
        EnableMultipleHttp2Connections = true,
        // Fixed (see the project file): what an answer that waits for room takes in memory. A photo of 600 KB takes five round trips.
        InitialHttp2StreamWindowSize = 128 * 1024,
        // What is left of an answer that is not wanted: a small rest is read so that the connection lives on, a large one closes it.
        MaxResponseDrainSize = 64 * 1024,
        // No trace headers to vendors, and no spans, which would hold the URL.
        ActivityHeadersPropagator = null,
    };
}
