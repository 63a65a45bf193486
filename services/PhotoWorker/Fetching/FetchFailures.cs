using ImagePipeline.Contracts;

namespace ImagePipeline.PhotoWorker.Fetching;

// With RejectedException (the data is bad) these are all the ways in which a fetch ends without a photo. Their messages are one sentence
// for a person, of a URL they show scheme and host, and they carry no inner exception: its text might hold the rest.

/// <summary>This photo's GET did not succeed, another may: a 5xx, a timeout, a broken connection, an answer that ended early.</summary>
sealed class FetchFailedException(string message, bool mayHaveBeenSent) : Exception(message)
{
    /// <summary>False when the vendor cannot have seen the request.</summary>
    public bool MayHaveBeenSent { get; } = mayHaveBeenSent;
}

/// <summary>The feed's gate is closed, and this photo does not wait at it: nothing was tried.</summary>
sealed class NotNowException(string message) : Exception(message);

/// <summary>The vendor said for the first time that the photo does not exist: worth one more look later, then it is rejected.</summary>
sealed class PhotoGoneException(string message) : Exception(message);

/// <summary>The URL is of no use any more, and a fresh one is needed.</summary>
sealed class LeaseEndedException(UrlExpiry how, string message) : Exception(message)
{
    /// <summary>How the lease ended.</summary>
    public UrlExpiry How { get; } = how;
}
