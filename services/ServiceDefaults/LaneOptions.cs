using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.ServiceDefaults;

/// <summary>Section <c>Lanes</c>.</summary>
public sealed class LaneOptions
{
    /// <summary>How often a worker looks for lanes of feeds that are not in its configuration, and how often the depth of queues is measured.</summary>
    /// <value>Default 5 seconds; 100 milliseconds to 10 minutes.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan SearchInterval { get; set; } = TimeSpan.FromSeconds(5);
}
