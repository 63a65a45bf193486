namespace ImagePipeline.TestSupport.Services;

/// <summary>How a process ended.</summary>
sealed record Ended(int ExitCode, string Out, string Error)
{
    /// <summary>All it said, for the message of an assertion.</summary>
    public string Said => $"exit code {ExitCode}\n{Out}\n{Error}";
}
