using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.ServiceDefaults;

/// <summary>One feed, as configured under <c>Feeds:{feed id}</c>: read by FeedIngest and by PhotoWorker.</summary>
public sealed class FeedOptions
{
    /// <summary>Where listings are read: a file or an http(s) URL. Empty for a feed whose listings arrive on the bus only.</summary>
    public string Source { get; set; } = "";

    /// <summary>Headers sent with each request for listings, such as <c>Authorization</c>. May hold secrets; never logged.</summary>
    public Dictionary<string, string> Headers { get; set; } = [];

    /// <summary>Headers sent with each request for a photo, only to the host the feed names. May hold secrets; never logged.</summary>
    public Dictionary<string, string> MediaHeaders { get; set; } = [];

    /// <summary>The only hosts that photos may come from; empty: every public host. Private addresses need an entry of their own here or in
    /// <c>PhotoWorker:Fetching:AllowedPrivateHosts</c>.</summary>
    public List<string> AllowedHosts { get; set; } = [];

    /// <summary>Query parameters of a photo's URL that are part of the lease and do not tell which bytes it leads to, beside the well-known ones.</summary>
    public List<string> LeaseParameters { get; set; } = [];

    /// <summary>How many photos of this feed may be asked for and not settled.</summary>
    /// <value>Default 2,000 photos; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int OutstandingPhotos { get; set; } = 2_000;
}
