using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>How feeds are read: the section <c>FeedIngest:Reading</c>. The limits bound the memory one feed can take.</summary>
public sealed class FeedReadingOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string Section = "FeedIngest:Reading";

    /// <summary>The largest page that is read, in bytes after decompression.</summary>
    /// <value>Default 64 MiB, some ten times a page of 1,000 listings with their media; 1 KiB to 1 GiB.</value>
    [Range(1_024, 1_073_741_824)]
    public int MaxPageBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>The longest line of an NDJSON file that is read, in bytes.</summary>
    /// <value>Default 4 MiB, a listing of several thousand photos; 1 KiB to 1 GiB.</value>
    [Range(1_024, 1_073_741_824)]
    public int MaxLineBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How many pages of one feed are followed in one read.</summary>
    /// <value>Default 10,000 pages; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int MaxPages { get; set; } = 10_000;

    /// <summary>How long one try at one page may take, from the request to the last byte.</summary>
    /// <value>Default 2 minutes; 1 second to 1 hour.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How often a page is asked for before its feed counts as unreadable.</summary>
    /// <value>Default 6 tries: their delays of 2, 4, 8, 16 and 32 s outlast a limit counted by the minute; 1 to 20.</value>
    [Range(1, 20)]
    public int MaxTries { get; set; } = 6;

    /// <summary>The delay before the second try; it doubles with each further try.</summary>
    /// <value>Default 2 s; 10 ms to 10 minutes.</value>
    [Range(typeof(TimeSpan), "00:00:00.0100000", "00:10:00")]
    public TimeSpan FirstRetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest delay before a try. A server that asks for more (Retry-After) is not asked again: its feed counts as unreadable.</summary>
    /// <value>Default 10 minutes; 1 second to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LongestRetryDelay { get; set; } = TimeSpan.FromMinutes(10);
}
