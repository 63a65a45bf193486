using System.Diagnostics;

namespace ImagePipeline.TestSupport.Servers;

/// <summary>Programs that this machine may have.</summary>
static class Programs
{
    /// <summary>The path of a program; null when there is none of that name.</summary>
    public static string? Find(string name) => Folders().Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Where programs are looked for: those of an administrator are not on everybody's PATH.</summary>
    public static IEnumerable<string> Folders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Concat(["/usr/sbin", "/sbin"]);

    /// <summary>Whether this machine has a user of that name.</summary>
    public static bool HasUser(string name) =>
        File.Exists("/etc/passwd") && File.ReadLines("/etc/passwd").Any(line => line.StartsWith($"{name}:", StringComparison.Ordinal));

    /// <summary>Installs a Debian package with what it needs, where this process may.</summary>
    /// <exception cref="NoServerException">It may not, or the package cannot be had.</exception>
    public static async Task AptInstallAsync(string package)
    {
        if (Find("apt-get") is not { } aptGet)
            throw new NoServerException($"there is no apt-get to install {package} with");
        if (!Environment.IsPrivilegedProcess)
            throw new NoServerException($"only root may apt-get install {package}");
        await RunAsync(aptGet, "-q", "update");
        await RunAsync(aptGet, "-q", "-y", "-o", "DPkg::Lock::Timeout=300", "install", "--no-install-recommends", package);
    }

    static async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        start.Environment["RUNLEVEL"] = "1"; // The package would start a server of its own, on the usual port.
        using var running = Process.Start(start) ?? throw new NoServerException($"{program} does not start");
        running.StandardInput.Close();
        var said = running.StandardOutput.ReadToEndAsync();
        var complained = await running.StandardError.ReadToEndAsync();
        await said;
        await running.WaitForExitAsync();
        if (running.ExitCode != 0)
            throw new NoServerException($"{Path.GetFileName(program)} {string.Join(' ', arguments)} failed: {complained.Trim().ReplaceLineEndings(" / ")}");
    }
}
