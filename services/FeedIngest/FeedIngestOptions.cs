using System.ComponentModel.DataAnnotations;
using ImagePipeline.FeedIngest.Feeds;

namespace ImagePipeline.FeedIngest;

/// <summary>Section <c>FeedIngest</c>.</summary>
public sealed class FeedIngestOptions
{
    /// <summary>How feeds are read.</summary>
    public FeedReadingOptions Reading { get; } = new();

    /// <summary>Whether feeds are read again and again, or once.</summary>
    /// <value>Default true.</value>
    public bool Watch { get; set; } = true;

    /// <summary>How long after a feed was read it is read again, whichever process read it.</summary>
    /// <value>Default 15 minutes, what MLS vendors recommend; 1 second to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ReadInterval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How long one process has the reading of a feed to itself; renewed while it reads. After a crash another one begins when this is over.
    /// </summary>
    /// <value>Default 1 minute; 1 second to 1 hour.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ClaimTime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether, at the start, every listing that was not announced final is asked for at once, and failed photos once more: right for one process whose
    /// bus died with the process before it. Feeds are read at once then, whatever that process has claimed.
    /// </summary>
    /// <value>Default false.</value>
    public bool AskAtStart { get; set; }

    /// <summary>How long after it was asked for a listing that is still not final is asked for again; doubled each time.</summary>
    /// <value>Default 30 minutes; 1 second to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan AskAgainAfter { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>The longest time between two asks.</summary>
    /// <value>Default 6 hours; 1 second to 7 days.</value>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan AskAgainMost { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How often the database is searched for listings to ask for again.</summary>
    /// <value>Default 30 seconds; 100 milliseconds to 1 hour.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The most feeds one process takes on, the ones that only appear in submissions included.</summary>
    /// <value>Default 200 feeds; 1 to 5,000.</value>
    [Range(1, 5_000)]
    public int MaxFeeds { get; set; } = 200;
}
