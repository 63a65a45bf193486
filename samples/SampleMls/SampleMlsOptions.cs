using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.SampleMls;

/// <summary>What a <see cref="SampleMlsServer"/> holds and how it behaves. The same options give the same listings, bytes and faults.</summary>
public sealed record SampleMlsOptions : IValidatableObject
{
    /// <summary>The port on 127.0.0.1.</summary>
    /// <value>0 to 65535, default 0: any free port.</value>
    [Range(0, 65535)]
    public int Port { get; init; }

    /// <summary>What all chance starts from.</summary>
    /// <value>Default 1.</value>
    public int Seed { get; init; } = 1;

    /// <summary>The feed's id in what is written as NDJSON.</summary>
    /// <value>Default <c>sample</c>.</value>
    [RegularExpression("[a-z0-9][a-z0-9-]{0,49}")]
    public string Feed { get; init; } = "sample";

    /// <summary>How many listings there are at the start.</summary>
    /// <value>1 to 100,000, default 40.</value>
    [Range(1, 100_000)]
    public int Listings { get; init; } = 40;

    /// <summary>
    /// Photos per listing in the mean, met exactly. From 20 listings on, one in 25 has none and, where the mean is 10 or more, one in 40
    /// has 129.
    /// </summary>
    /// <value>0 to 129, default 25: a large MLS has 25.6.</value>
    [Range(0, PhotosAtMost)]
    public double MeanPhotosPerListing { get; init; } = 25;

    /// <summary>The exact number of photos of all listings together, in place of the mean.</summary>
    [Range(0, 100_000 * PhotosAtMost)]
    public int? TotalPhotos { get; init; }

    /// <summary>The exact number of photos of every listing, in place of the mean.</summary>
    [Range(0, PhotosAtMost)]
    public int? PhotosPerListing { get; init; }

    /// <summary>Width of every photo in pixels.</summary>
    /// <value>16 to 16,384, default 1024.</value>
    [Range(16, 16_384)]
    public int Width { get; init; } = 1024;

    /// <summary>Height of every photo in pixels.</summary>
    /// <value>16 to 16,384, default 768.</value>
    [Range(16, 16_384)]
    public int Height { get; init; } = 768;

    /// <summary>Different pictures drawn of each kind (two sides of a house, five kinds of room); photos differ further by their label.</summary>
    /// <value>1 to 100, default 4.</value>
    [Range(1, 100)]
    public int ScenesPerKind { get; init; } = 4;

    /// <summary>Listings on a page when the client does not ask for a number.</summary>
    /// <value>1 to 5,000, default 100.</value>
    [Range(1, 5_000)]
    public int PageSize { get; init; } = 100;

    /// <summary>Listings on a page at most, whatever <c>$top</c> says.</summary>
    /// <value>1 to 5,000, default 1,000: the limit of MLS Grid with <c>$expand</c>.</value>
    [Range(1, 5_000)]
    public int MaxPageSize { get; init; } = 1_000;

    /// <summary>Half of all photo answers start sooner than this after the request, in milliseconds.</summary>
    /// <value>0 to 60,000, default 0: at once.</value>
    [Range(0, 60_000)]
    public double LatencyMedianMs { get; init; }

    /// <summary>
    /// How much later than the median an unlucky answer starts, in milliseconds: one in six takes longer than the median and this together
    /// (one deviation of a log-normal distribution). None takes longer than ten times the median.
    /// </summary>
    /// <value>0 to 60,000, default 0: all alike.</value>
    [Range(0, 60_000)]
    public double LatencySpreadMs { get; init; }

    /// <summary>Percentage of GETs answered 503.</summary>
    [Range(0, 100)]
    public double Percent503 { get; init; }

    /// <summary>Percentage of GETs answered 429 with a Retry-After of <see cref="RetryAfterSeconds"/>.</summary>
    [Range(0, 100)]
    public double Percent429 { get; init; }

    /// <summary>What a 429 asks the client to wait, in seconds.</summary>
    /// <value>0 to 3,600, default 1.</value>
    [Range(0, 3_600)]
    public int RetryAfterSeconds { get; init; } = 1;

    /// <summary>Percentage of GETs whose connection is reset in the middle of the body.</summary>
    [Range(0, 100)]
    public double PercentReset { get; init; }

    /// <summary>Percentage of GETs whose body ends half way through what Content-Length promised.</summary>
    [Range(0, 100)]
    public double PercentTruncated { get; init; }

    /// <summary>
    /// How often in a row a photo's GETs may meet one of the faults above. The next one is spared, so that a client that tries once more
    /// than this always gets the photo.
    /// </summary>
    /// <value>1 to 1,000, default 2.</value>
    [Range(1, 1_000)]
    public int FaultsInARow { get; init; } = 2;

    /// <summary>Percentage of photos that are a web page, always.</summary>
    [Range(0, 100)]
    public double PercentHtml { get; init; }

    /// <summary>Percentage of photos that do not exist, ever, although they are listed.</summary>
    [Range(0, 100)]
    public double Percent404 { get; init; }

    /// <summary>The most photos a listing has: the largest number met in the field.</summary>
    public const int PhotosAtMost = 129;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (TotalPhotos is not null && PhotosPerListing is not null)
            yield return new("TotalPhotos and PhotosPerListing exclude each other: give one of them.");
        if ((long)Listings * PhotosAtMost is var most && TotalPhotos > most)
            yield return new($"TotalPhotos is {TotalPhotos}, but {Listings} listings hold {most} photos at most: {PhotosAtMost} each.");
        if (Percent503 + Percent429 + PercentReset + PercentTruncated > 100)
            yield return new("Percent503, Percent429, PercentReset and PercentTruncated are more than 100 together.");
        if (PercentHtml + Percent404 > 100)
            yield return new("PercentHtml and Percent404 are more than 100 together.");
    }
}
