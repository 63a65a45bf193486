using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.Cli;

/// <summary>Section <c>Run</c>: one run of the command line.</summary>
sealed class RunOptions
{
    /// <summary>How long a run that is not watching goes on while nothing is downloaded, stored or announced and no feed's gate is closed, or while the
    /// store or the database is of no use.</summary>
    /// <value>Default 5 minutes, far more than the retries of a run take; 10 seconds to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromMinutes(5);
}
