using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.Cli.Errors;

/// <summary>Section <c>Replay</c>: how <c>imagepipe errors replay</c> goes about it. What differs from replay to replay is said on its command line.</summary>
sealed class ReplayOptions
{
    /// <summary>How many messages are sent before the first of them is confirmed. So many are sent twice at most when the tool is killed, beside those of the last half second.</summary>
    /// <value>Default 100 messages; 1 to 10,000.</value>
    [Range(1, 10_000)]
    public int InFlight { get; set; } = 100;

    /// <summary>How long a replay whose process was killed is taken for one that runs. A process that is at it says so twice a second.</summary>
    /// <value>Default 15 s; 5 s to 10 minutes.</value>
    [Range(typeof(TimeSpan), "00:00:05", "00:10:00")]
    public TimeSpan ClaimTime { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long it goes on while the broker cannot be used, or while nobody takes the messages of a canary's step out of their queue; then it stops, and can be resumed.</summary>
    /// <value>Default 2 minutes; 1 s to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long the messages of a canary's step have to fail again, from when they were taken out of their queue.</summary>
    /// <value>Default 15 s: longer than most photos take, shorter than a person's patience; 0 to 1 hour.</value>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan CanaryWait { get; set; } = TimeSpan.FromSeconds(15);
}
