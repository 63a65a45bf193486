using System.ComponentModel.DataAnnotations;
using ImagePipeline.PhotoWorker.Fetching;
using ImagePipeline.PhotoWorker.Imaging;

namespace ImagePipeline.PhotoWorker;

/// <summary>Section <c>PhotoWorker</c>.</summary>
sealed class PhotoWorkerOptions
{
    /// <summary>How photos are downloaded.</summary>
    public FetchingOptions Fetching { get; } = new();

    /// <summary>How photos are decoded.</summary>
    public RenderingOptions Rendering { get; } = new();

    /// <summary>Which renditions are made.</summary>
    public ProfileOptions Profile { get; } = new();

    /// <summary>
    /// How many requests of one lane are in work at once: being downloaded, waiting for a decode, being rendered or being stored. A feed may have its own.
    /// </summary>
    /// <value>Default 256 requests; 1 to 4,096.</value>
    [Range(1, 4096)]
    public int LaneConcurrency { get; set; } = 256;

    /// <summary>How many urgent requests, of all feeds together, are in work at once, and so how many urgent photos are downloaded at once.</summary>
    /// <value>Default 32 requests; 1 to 1,024.</value>
    [Range(1, 1024)]
    public int UrgentConcurrency { get; set; } = 32;

    /// <summary>How often a fresh URL is asked for when a lease has ended, before the photo counts as failed.</summary>
    /// <value>Default 3 times; 0 to 20.</value>
    [Range(0, 20)]
    public int MaxLeaseRefreshes { get; set; } = 3;
}
