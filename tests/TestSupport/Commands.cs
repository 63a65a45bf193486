using System.ComponentModel;
using System.Diagnostics;

namespace ImagePipeline.TestSupport;

/// <summary>Runs other programs.</summary>
public static class Commands
{
    /// <summary>Whether a program is there and ends with 0 within 10 seconds.</summary>
    public static async Task<bool> SucceedsAsync(string program, IReadOnlyList<string> arguments)
    {
        try
        {
            using var process = Start(program, arguments);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0;
        }
        catch (Exception e) when (e is Win32Exception or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It ended with another code than 0; the message holds what it printed.</exception>
    public static async Task RunAsync(string program, IReadOnlyList<string> arguments)
    {
        using var process = Start(program, arguments);
        // A server that the program leaves behind keeps these pipes open: the program's own end is what counts.
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode == 0)
            return;
        throw new InvalidOperationException(
            $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:{Environment.NewLine}{await output}{await errors}");
    }

    /// <summary>Starts a program with its output redirected.</summary>
    public static Process Start(string program, IReadOnlyList<string> arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })
        ?? throw new InvalidOperationException($"{program} did not start.");
}
