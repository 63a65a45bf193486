using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace ImagePipeline.Storage.Photos;

/// <summary>
/// The SDK's client as it suits the store. Connections, tries and time limits are ours; credentials, and whatever is not set, are found the SDK's
/// usual way: environment, profile, role.
/// </summary>
sealed class S3Client : IDisposable
{
    // What servers other than Amazon's are signed for where nobody says otherwise; most of them take any.
    const string AnyRegion = "us-east-1";

    readonly OwnConnections _connections = new();

    /// <summary>Nothing is sent yet, and no credentials are looked for.</summary>
    /// <exception cref="StoreUnusableException">Neither endpoint nor region is known.</exception>
    public S3Client(PhotoStoreOptions options)
    {
        try
        {
            Sdk = new AmazonS3Client(Config(options));
        }
        catch (AmazonClientException)
        {
            _connections.Dispose();
            throw new StoreUnusableException(
                "The setting Store:Url (environment variable Store__Url) names a bucket of Amazon S3, and its region is not known: set Store__Region or AWS_REGION; "
                + "for another server that speaks S3 set Store__Endpoint or AWS_ENDPOINT_URL_S3.");
        }
    }

    public AmazonS3Client Sdk { get; }

    /// <summary>Where requests go, for sentences: host and port of the endpoint, or Amazon S3.</summary>
    public string Host => Endpoint is { } endpoint ? endpoint.Authority : "Amazon S3";

    /// <summary>
    /// Whether a PUT takes a checksum of its bytes along, which the server compares. (<c>AWS_REQUEST_CHECKSUM_CALCULATION=when_required</c> is how the SDK
    /// is told of a server that refuses them.)
    /// </summary>
    public bool SendsChecksums => Sdk.Config.RequestChecksumCalculation == RequestChecksumCalculation.WHEN_SUPPORTED;

    /// <summary>Whether requests travel encrypted.</summary>
    public bool IsEncrypted => Endpoint is not { Scheme: "http" };

    Uri? Endpoint => Uri.TryCreate(Sdk.Config.ServiceURL, UriKind.Absolute, out var endpoint) ? endpoint : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        Sdk.Dispose();
        _connections.Dispose();
    }

    AmazonS3Config Config(PhotoStoreOptions options)
    {
        var config = new AmazonS3Config
        {
            HttpClientFactory = _connections,
            // Ours: a write that was sent twice must know that it was.
            MaxErrorRetry = 0,
            MaxStaleConnectionRetries = 0,
        };
        if (options.Region is { Length: > 0 } region)
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        var regionName = config.RegionEndpoint?.SystemName;
        // Last: to set either unsets the other.
        if (options.Endpoint is { Length: > 0 } endpoint)
            config.ServiceURL = endpoint;
        // Also when it stands in AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or a profile.
        var isElsewhere = config.ServiceURL is not null;
        if (isElsewhere)
            config.AuthenticationRegion = regionName ?? AnyRegion;
        config.ForcePathStyle = options.PathStyle ?? isElsewhere;
        return config;
    }

    sealed class OwnConnections : HttpClientFactory, IDisposable
    {
        readonly HttpClient _http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            // So that changed DNS is noticed: Amazon S3 has other addresses every few seconds.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // No span and no trace header for each of five PUTs a photo.
            ActivityHeadersPropagator = null,
        })
        {
            // Each request has its own limit, which begins when it has a connection to itself.
            Timeout = Timeout.InfiniteTimeSpan,
        };

        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _http;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

        public void Dispose() => _http.Dispose();
    }
}
