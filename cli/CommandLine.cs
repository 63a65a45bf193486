using System.CommandLine;
using System.CommandLine.Parsing;
using System.Data.Common;
using ImagePipeline.ServiceDefaults.Hosting;

namespace ImagePipeline.Cli;

/// <summary>
/// The command line: data on stdout, talk on stderr; exit code 0 done, 1 ended with something that failed, 2 could not start.
/// </summary>
static class CommandLine
{
    public const int Done = 0;
    public const int SomethingFailed = 1;
    public const int CouldNotStart = StartFailure.ExitCode;

    /// <summary>Runs one command.</summary>
    public static async Task<int> RunAsync(string[] args, IReadOnlyList<Command> commands)
    {
        var root = new RootCommand("imagepipe downloads the photos of listings, resizes and stores them, and tells when a listing is ready.");
        foreach (var command in commands)
            root.Subcommands.Add(command);

        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                Say(error.Message);
            Say($"Try: imagepipe {Path(parsed.CommandResult)}--help");
            return CouldNotStart;
        }

        try
        {
            // Exceptions are ours to tell: the library's own handler prints stacks.
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                // Longer than the services may take to stop; the library would cut them off after 2 s.
                ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
            });
        }
        catch (Exception e) when (StartFailure.Sentences(e) is { } sentences)
        {
            foreach (var sentence in sentences)
                Say(sentence);
            return CouldNotStart;
        }
        catch (Exception e) when (e is RunBrokenException or DbException or IOException)
        {
            Say($"{e.Message.TrimEnd('.')}. What is done is kept; start it again, and it continues.");
            return SomethingFailed;
        }
        catch (OperationCanceledException)
        {
            Say("Interrupted. Start it again, and it continues where it was.");
            return SomethingFailed;
        }
    }

    // The commands and subcommands that were named, but for the program's own name.
    static string Path(CommandResult named) => named.Parent is CommandResult outer ? $"{Path(outer)}{named.Command.Name} " : "";

    static void Say(string sentence) => Console.Error.WriteLine($"imagepipe: {sentence}");
}

/// <summary>A run cannot come to its end. The message is a sentence for a person.</summary>
sealed class RunBrokenException(string message) : Exception(message);
