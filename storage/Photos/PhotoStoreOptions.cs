using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.Storage.Photos;

/// <summary>Where photos are kept, as configured under <c>Store</c>.</summary>
public sealed class PhotoStoreOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Store";

    /// <summary>The store: <c>file:</c> and a path, relative to the current folder or absolute.</summary>
    /// <value>Default <c>file:photos</c>.</value>
    [Required]
    public string Url { get; set; } = "file:photos";

    /// <summary>
    /// Whether each object is on the disk itself before it counts as stored. A killed process loses nothing either way, because the
    /// operating system still holds what was written; a power failure may lose the last seconds without it. Photos can be fetched again,
    /// and waiting for the disk several times per photo can cost more than rendering it.
    /// </summary>
    /// <value>Default false.</value>
    public bool Fsync { get; set; }
}
