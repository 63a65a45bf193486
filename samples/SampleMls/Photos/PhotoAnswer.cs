namespace ImagePipeline.SampleMls.Photos;

/// <summary>What a GET of a photo was answered with.</summary>
public enum PhotoAnswer
{
    /// <summary>The photo, whole.</summary>
    Ok,

    /// <summary>503. Passes.</summary>
    Unavailable,

    /// <summary>429 with Retry-After. Passes.</summary>
    TooManyRequests,

    /// <summary>Half of the photo, then a reset connection. Passes.</summary>
    Reset,

    /// <summary>Half of what Content-Length promised, then the end of the connection. Passes.</summary>
    Truncated,

    /// <summary>200 with a web page. Permanent for its photo.</summary>
    Html,

    /// <summary>404: permanent for its photo, or there is no such photo (any more).</summary>
    NotFound,

    /// <summary>Nothing: the client went away before its answer was due.</summary>
    Abandoned,
}
