using System.ComponentModel.DataAnnotations;
using ImagePipeline.ServiceDefaults;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>How photos are downloaded, for all feeds: section <c>PhotoWorker:Fetching</c>. What differs by feed stands in its own options.</summary>
sealed class FetchingOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "PhotoWorker:Fetching";

    /// <summary>
    /// How many photos are downloaded at once, all lanes together but the urgent one. One lane alone gets half of it, so that slow ones never take all.
    /// </summary>
    /// <value>Default 512; 1 to 4,096.</value>
    [Range(1, 4096)]
    public int DownloadConcurrency { get; set; } = 512;

    /// <summary>The most bytes a photo may have. MLSs cap uploads at 10 to 20 MB, so that the default refuses no real photo.</summary>
    /// <value>Default 33,554,432 (32 MiB); 1 KiB to 1 GiB.</value>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>
    /// The most bytes of all photos held at once: originals from their first byte until they are rendered, renditions until they are stored. One photo at a time
    /// may exceed it, so that even a bound below <see cref="MaxBytes"/> lets every photo through.
    /// </summary>
    /// <value>Default 12 MiB for each processor, at least 24 MiB: one and a half seconds of the decoders' work on photos of 600 KB. 1 MiB to 64 GiB.</value>
    [Range(1024L * 1024, 64L * 1024 * 1024 * 1024)]
    public long MaxBytesInFlight { get; set; } = 12L * 1024 * 1024 * Math.Max(2, Environment.ProcessorCount);

    /// <summary>How long finding the address, connecting and the TLS handshake may take.</summary>
    /// <value>Default 10 s; 50 ms to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.0500000", "00:05:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an answer's headers may take, connecting included; for each redirect anew.</summary>
    /// <value>Default 30 s; 50 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.0500000", "00:10:00")]
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a body may send nothing.</summary>
    /// <value>Default 15 s; 50 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.0500000", "00:10:00")]
    public TimeSpan IdleReadTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long one photo may take from the first request to the last byte, redirects included, waiting at gates not.</summary>
    /// <value>Default 2 min; 50 ms to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:00.0500000", "01:00:00")]
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How many redirects are followed.</summary>
    /// <value>Default 5; 0 to 20.</value>
    [Range(0, 20)]
    public int MaxRedirects { get; set; } = 5;

    /// <summary>Host names and IP addresses that may be reached although they are private or loopback: a name as the URL writes it, with
    /// whatever addresses it has, or an address under whatever name.</summary>
    public List<string> AllowedPrivateHosts { get; set; } = [];

    /// <summary>Sent as <c>User-Agent</c> where the feed's media headers set none.</summary>
    /// <value>Default <c>ImagePipeline/</c> and the version.</value>
    [Required]
    public string UserAgent { get; set; } = $"ImagePipeline/{typeof(FetchingOptions).Assembly.GetName().Version?.ToString(3)}";

    /// <summary>How long a connection is used before a new one is made, so that a vendor's changed DNS is noticed.</summary>
    /// <value>Default 5 min; 1 s to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ConnectionLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an idle connection is kept. Below the 60 s after which common load balancers close one, so that a photo seldom
    /// meets a connection that is just being closed: such a GET is not sent a second time unseen, it counts as a failure.</summary>
    /// <value>Default 30 s; 1 s to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ConnectionIdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest <c>Retry-After</c> that is obeyed in full; a longer one counts as this much.</summary>
    /// <value>Default 1 h; 1 s to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long one photo is held while its feed's gate is closed, before it counts as failed and is tried again as a message.</summary>
    /// <value>Default 6 h; 1 s to 7 days.</value>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan MaxGateWait { get; set; } = TimeSpan.FromHours(6);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => AllowedPrivateHosts
        .Where(host => !FeedOptions.IsHost(host))
        .Select(host => new ValidationResult(
            $"{Section}:AllowedPrivateHosts (--allow-host) has \"{host}\"; accepted are host names and IP addresses, without scheme, port or path."));
}
