using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.Storage.Photos;

/// <summary>Where photos are kept, as configured under <c>Store</c>.</summary>
public sealed class PhotoStoreOptions : IValidatableObject
{
    /// <summary>The section's name.</summary>
    public const string Section = "Store";

    /// <summary>The store: <c>file:</c> and a path, relative to the current folder or absolute; or <c>s3://</c>, a bucket and maybe a prefix.</summary>
    /// <value>Default <c>file:photos</c>.</value>
    [Required]
    public string Url { get; set; } = "file:photos";

    /// <summary>
    /// Files: whether each object is on the disk itself before it counts as stored. A killed process loses nothing either way, because the
    /// operating system still holds what was written. A power failure without it may lose objects of the last half minute, or leave them empty, also
    /// of listings that were announced.
    /// </summary>
    /// <value>Default false.</value>
    public bool Fsync { get; set; }

    /// <summary>S3: the server, an http(s) URL. None: the SDK's own <c>AWS_ENDPOINT_URL_S3</c>, else Amazon S3.</summary>
    /// <value>Default none.</value>
    public string? Endpoint { get; set; }

    /// <summary>S3: the bucket's region. None: the SDK's own <c>AWS_REGION</c> or profile; for another server than Amazon's else <c>us-east-1</c>.</summary>
    /// <value>Default none.</value>
    public string? Region { get; set; }

    /// <summary>S3: whether the bucket's name stands in the path of URLs rather than in the host. None: not at Amazon S3, and at every other server.</summary>
    /// <value>Default none.</value>
    public bool? PathStyle { get; set; }

    /// <summary>S3: how many requests are under way at once, each on a connection of its own.</summary>
    /// <value>Default 128 requests; 1 to 1,024.</value>
    [Range(1, 1024)]
    public int ConcurrentRequests { get; set; } = 128;

    /// <summary>S3: how long one try of a request may take, from when it is its turn to the last byte of its answer. Too short for a slow line and many
    /// requests at once, it makes each fail.</summary>
    /// <value>Default 30 s; 100 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.1000000", "00:10:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>S3: how often a request is sent that is throttled, answered 5xx or cut off, a few hundred milliseconds apart, before the gate closes; one that is
    /// not answered in time twice at most.</summary>
    /// <value>Default 3 tries; 1 to 10.</value>
    [Range(1, 10)]
    public int MaxTries { get; set; } = 3;

    /// <summary>The URL below which the website finds what is stored, its key appended; PhotosReady and the manifest then name the URL of each rendition.</summary>
    /// <value>Default none.</value>
    public string? PublicBaseUrl { get; set; }

    /// <summary>S3: the <c>Cache-Control</c> of what is written once and never changes. Empty: none is sent.</summary>
    /// <value>Default <c>public, max-age=31536000, immutable</c>.</value>
    public string? CacheControl { get; set; } = "public, max-age=31536000, immutable";

    /// <summary>S3: the <c>Cache-Control</c> of <c>latest.json</c>, which is replaced. Empty: none is sent.</summary>
    /// <value>Default <c>no-cache</c>: kept, but asked for each time whether it has changed.</value>
    public string? LatestCacheControl { get; set; } = "no-cache";

    /// <summary>The public URL of an object; null when no base is configured.</summary>
    public string? PublicUrlOf(string key) => PublicBaseUrl is { Length: > 0 } url ? $"{url.TrimEnd('/')}/{StoreKeys.UrlPath(key)}" : null;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // Not repeated: a user and a password may stand in it.
        if (!IsBase(Endpoint))
            yield return Refused(nameof(Endpoint), "accepted is an http or https URL without user, query and fragment, such as https://minio.example:9000");
        if (!IsBase(PublicBaseUrl))
            yield return Refused(nameof(PublicBaseUrl), "accepted is an http or https URL without user, query and fragment, such as https://photos.example.com");
        if (!string.IsNullOrEmpty(Region) && !Region.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            yield return Refused(nameof(Region), "accepted is the name of a region, such as eu-central-1");
        if (!IsHeader(CacheControl))
            yield return Refused(nameof(CacheControl), "accepted is the value of a Cache-Control header, printable ASCII");
        if (!IsHeader(LatestCacheControl))
            yield return Refused(nameof(LatestCacheControl), "accepted is the value of a Cache-Control header, printable ASCII");
    }

    static bool IsBase(string? url) =>
        string.IsNullOrEmpty(url)
        || (Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" } && !url.Contains('?', StringComparison.Ordinal));

    static bool IsHeader(string? value) => value is null || !value.AsSpan().ContainsAnyExceptInRange(' ', '~');

    static ValidationResult Refused(string name, string accepted) => new($"Store:{name} (environment variable Store__{name}) is not usable; {accepted}.");
}
