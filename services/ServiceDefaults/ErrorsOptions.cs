using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.ServiceDefaults;

/// <summary>Section <c>Errors</c>: messages that failed for good, and how long they are kept.</summary>
public sealed class ErrorsOptions
{
    /// <summary>Whether ListingNotifier takes what failed for good out of its queues, into table <c>failed_message</c>.</summary>
    /// <value>Default true. Without it they stay in their queues until somebody calls <c>imagepipe errors</c>.</value>
    public bool TakeIn { get; set; } = true;

    /// <summary>How often it looks for such messages, and counts those that nobody has dealt with.</summary>
    /// <value>Default 5 seconds; 100 milliseconds to 1 hour.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan TakeInInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a message is kept after it was replayed or archived. One that nobody has dealt with is kept for as long as it takes.</summary>
    /// <value>Default 30 days; 1 minute to 3,650 days.</value>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How many groups have a series of their own in the metric <c>imagepipe.failures.unresolved</c>, the largest ones; the rest are one.</summary>
    /// <value>Default 20 groups; 1 to 1,000.</value>
    [Range(1, 1_000)]
    public int MetricGroups { get; set; } = 20;
}
