using ImagePipeline.Contracts;

namespace ImagePipeline.PhotoWorker;

/// <summary>
/// The photo's data is bad: thrown by any step, turned into <see cref="PhotoRejected"/> in one place. <paramref name="detail"/> is one
/// sentence for a person, without a URL's path or query.
/// </summary>
sealed class RejectedException(PhotoRejection reason, string detail) : Exception(detail)
{
    public PhotoRejection Reason { get; } = reason;

    /// <summary>True when the bad data is what is kept in the store, and has to go from there.</summary>
    public bool IsKept { get; init; }
}
