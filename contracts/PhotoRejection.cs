using System.Text.Json.Serialization;

namespace ImagePipeline.Contracts;

/// <summary>The closed list of the ways in which a photo's data can be bad. On the wire: the names.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PhotoRejection>))]
public enum PhotoRejection
{
    /// <summary>The vendor says that the photo does not exist (404 or 410), and said so again later.</summary>
    Gone,

    /// <summary>The vendor refuses to serve the photo (401, 403 or another lasting 4xx) at a URL that is not a lease.</summary>
    Refused,

    /// <summary>The source URL is not an absolute http or https address.</summary>
    InvalidUrl,

    /// <summary>The URL, or a redirect from it, leads to a private or otherwise forbidden address, or to a host the feed does not allow.</summary>
    AddressRefused,

    /// <summary>More redirects than allowed, or one that leads nowhere.</summary>
    TooManyRedirects,

    /// <summary>The answer has no bytes.</summary>
    Empty,

    /// <summary>The bytes are not a picture: a page, a document, noise.</summary>
    NotAnImage,

    /// <summary>A picture in a format that is not accepted.</summary>
    UnsupportedFormat,

    /// <summary>More bytes than allowed.</summary>
    TooManyBytes,

    /// <summary>More pixels, a longer side, more frames or more scans than allowed, by its header.</summary>
    TooManyPixels,

    /// <summary>A picture file that ends early.</summary>
    Truncated,

    /// <summary>A picture file that cannot be decoded, or only in part.</summary>
    Corrupt,
}
