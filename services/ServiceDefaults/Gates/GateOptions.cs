using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.ServiceDefaults;

/// <summary>Section <c>Gates</c>: what holds work while its feed, the store or the database is of no use to anybody.</summary>
public sealed class GateOptions : IValidatableObject
{
    /// <summary>How long a gate is closed at first where nobody said for how long; doubled with each refused probe, jittered.</summary>
    /// <value>Default 1 s; 10 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.0100000", "00:10:00")]
    public TimeSpan ShortestPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between two probes of a feed that did not say for how long.</summary>
    /// <value>Default 5 min; 10 ms to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:00.0100000", "01:00:00")]
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest pause between two probes of the store or the database, which are ours to ask.</summary>
    /// <value>Default 15 s; 10 ms to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:00.0100000", "01:00:00")]
    public TimeSpan LongestOutagePause { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a message from RabbitMQ may be held, from when it was received, before its endpoint stops and gives back all it holds. In memory
    /// messages are held for as long as it takes.
    /// </summary>
    /// <value>Default 5 min; 1 s to 20 min, because the broker itself closes a channel whose message is not settled after 30.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:20:00")]
    public TimeSpan HoldTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The longest an endpoint stays stopped before one message is tried again. The first stop lasts <see cref="HoldTime"/>, each further one of the
    /// same trouble twice as long.
    /// </summary>
    /// <value>Default 30 min; 1 s to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LongestStop { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How often a process looks which gates others have closed or opened, and tells them of its own.</summary>
    /// <value>Default 1 s; 10 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.0100000", "00:01:00")]
    public TimeSpan ShareInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ShortestPause > LongestPause || ShortestPause > LongestOutagePause)
            yield return new ValidationResult(
                "Gates:ShortestPause (environment variable Gates__ShortestPause) is longer than Gates:LongestPause or Gates:LongestOutagePause.");
    }
}
