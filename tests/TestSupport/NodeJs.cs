using System.Diagnostics;
using ImagePipeline.TestSupport.Servers;

namespace ImagePipeline.TestSupport;

/// <summary>Node.js, for what runs on it, samples and the S3 server: what is on the PATH; else what <c>apt-get install</c> brings. Where there is none, tests that need it fail and say so.</summary>
public static class NodeJs
{
    static readonly Lazy<Task<(string Node, string Npm)>> Programs = new(FindOrInstallAsync);

    /// <summary>The paths of <c>node</c> and <c>npm</c>.</summary>
    public static Task<(string Node, string Npm)> FindAsync() => Programs.Value;

    /// <summary>Installs into a folder what its lock file names.</summary>
    /// <exception cref="NoServerException">It cannot be had; the message holds npm's last words.</exception>
    public static async Task InstallAsync(string npm, string folder)
    {
        using var running = Process.Start(new ProcessStartInfo(npm, ["ci", "--prefer-offline", "--no-audit", "--no-fund"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var said = running.StandardOutput.ReadToEndAsync();
        var complained = await running.StandardError.ReadToEndAsync();
        await running.WaitForExitAsync();
        if (running.ExitCode != 0)
            throw new NoServerException($"npm ci failed: {$"{complained} {await said}".Trim().ReplaceLineEndings(" / ")}");
    }

    static async Task<(string Node, string Npm)> FindOrInstallAsync()
    {
        if (Find() is { } found)
            return found;
        try
        {
            await Servers.Programs.AptInstallAsync("nodejs");
            // Debian has npm in a package of its own; others bring it along, and the two exclude each other.
            if (Find() is null)
                await Servers.Programs.AptInstallAsync("npm");
        }
        catch (NoServerException none)
        {
            throw new NoServerException($"These tests need Node.js, and node and npm are not both on the PATH; {none.Message}.", none);
        }
        return Find() ?? throw new NoServerException("These tests need Node.js; it was installed, and still node and npm are not both on the PATH.");
    }

    static (string Node, string Npm)? Find() =>
        Servers.Programs.Find("node") is { } node && Servers.Programs.Find("npm") is { } npm ? (node, npm) : null;
}
