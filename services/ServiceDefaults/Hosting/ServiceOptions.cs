using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.ServiceDefaults.Hosting;

/// <summary>Section <c>Service</c>: a service as a process.</summary>
public sealed class ServiceOptions
{
    /// <summary>
    /// How long stopping may take, from the signal to the end of the process. Messages in work have four fifths of it to be finished; then they are
    /// cancelled, and go back to their queues.
    /// </summary>
    /// <value>Default 25 s, below the 30 s after which Kubernetes kills; 1 s to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(25);
}
