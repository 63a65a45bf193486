using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.ListingNotifier;

/// <summary>Section <c>ListingNotifier</c>.</summary>
public sealed class ListingNotifierOptions
{
    /// <summary>
    /// How long a listing that is not settled may wait, from its first outcome or its last announcement, until what is there is announced.
    /// </summary>
    /// <value>Default 15 minutes; 1 second to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often the database is searched for announcements and removals that a crash left undone.</summary>
    /// <value>Default 5 seconds; 100 milliseconds to 10 minutes.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one process has a listing to itself while it announces or removes it, kept where that takes longer; afterwards another may.</summary>
    /// <value>Default 1 minute; 5 seconds to 1 hour.</value>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan ClaimTime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often listings are counted for the metric <c>imagepipe.listings</c>.</summary>
    /// <value>Default 15 seconds; 1 second to 1 hour.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan CountInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How many saga messages are handled at once; those of one listing always one after another.</summary>
    /// <value>Default 64 messages; 1 to 1,024.</value>
    [Range(1, 1024)]
    public int ConcurrentMessages { get; set; } = 64;

    /// <summary>How many listings are announced at once.</summary>
    /// <value>Default 4 listings; 1 to 64.</value>
    [Range(1, 64)]
    public int ConcurrentSignals { get; set; } = 4;
}
