using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Photos;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ServiceDefaults.Hosting;

/// <summary>What keeps a process from starting although nothing is broken in it: settings, or what they name.</summary>
public static class StartFailure
{
    /// <summary>The exit code of a process that could not start.</summary>
    public const int ExitCode = 2;

    /// <summary>The sentences for a person, one for each thing that is wrong; null when the exception is of another kind.</summary>
    public static IReadOnlyList<string>? Sentences(Exception exception) => exception switch
    {
        OptionsValidationException e => [.. e.Failures],
        CannotStartException or DatabaseUnusableException or StoreUnusableException => [exception.Message],
        _ => null,
    };
}

/// <summary>A process cannot start as it was called or configured. The message is a sentence for a person.</summary>
public sealed class CannotStartException(string message, Exception? cause = null) : Exception(message, cause);
