using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ImagePipeline.TestSupport.Servers;

/// <summary>
/// An installed server, started for these tests alone in a temporary folder. A shell watches over it: when the pipe to it closes, because
/// the tests are over or were killed, even with SIGKILL, it stops the server and removes the folder.
/// </summary>
static class PrivateServer
{
    // START and STOP are the server's own commands. Signals are for the tests: Ctrl-C reaches the shell, too, and must not end it early.
    const string Watch =
        """
        trap '' INT TERM HUP
        mkdir -m 700 "$FOLDER" && cd "$FOLDER" || exit 1
        if eval "$START" >start.log 2>&1; then echo ready; else cat ./*.log >&2; echo failed; fi
        cat >/dev/null
        eval "$STOP" >stop.log 2>&1
        cd / && rm -rf "$FOLDER"
        """;

    /// <summary>
    /// Starts a server as <paramref name="user"/> where this process is root, which servers refuse to be run by. Both commands are shell
    /// and run in the server's folder, <c>$FOLDER</c>; <paramref name="start"/> ends when the server answers.
    /// </summary>
    /// <returns>What stops it.</returns>
    /// <exception cref="NoServerException">It does not start; the message holds its last words.</exception>
    public static async Task<Func<ValueTask>> StartAsync(string name, string user, string start, string stop, Dictionary<string, string> variables)
    {
        RemoveLeftovers();
        var shell = new ProcessStartInfo
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var word in (string[])[.. As(user), "/bin/sh", "-c", Watch])
            shell.ArgumentList.Add(word);
        shell.FileName = shell.ArgumentList[0];
        shell.ArgumentList.RemoveAt(0);
        foreach (var (variable, value) in variables)
            shell.Environment[variable] = value;
        shell.Environment["FOLDER"] = Path.Combine(Path.GetTempPath(), $"{TempFolder.Prefix}{name}-{Environment.ProcessId}-{Guid.NewGuid():N}");
        shell.Environment["START"] = start;
        shell.Environment["STOP"] = stop;

        var watching = Process.Start(shell) ?? throw new NoServerException($"{shell.FileName} does not start");
        if (await watching.StandardOutput.ReadLineAsync() == "ready")
            return () => EndAsync(watching);
        watching.StandardInput.Close();
        var words = await watching.StandardError.ReadToEndAsync();
        await EndAsync(watching);
        throw new NoServerException($"the installed {name} does not start: {words.Trim().ReplaceLineEndings(" / ")}");
    }

    /// <summary>A port nobody listened on a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    static string[] As(string user)
    {
        if (!Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
            return [];
        if (Programs.Find("runuser") is { } runuser)
            return [runuser, "-u", user, "--"];
        if (Programs.Find("setpriv") is { } setpriv)
            return [setpriv, "--reuid", user, "--clear-groups", "--"];
        throw new NoServerException("root must start it as another user, and there is neither runuser nor setpriv");
    }

    static async ValueTask EndAsync(Process watching)
    {
        watching.StandardInput.Close();
        await watching.WaitForExitAsync();
        watching.Dispose();
    }

    // Only where the shell itself was killed, with the whole machine as a rule. No test run lasts a day.
    static void RemoveLeftovers()
    {
        var old = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1);
        foreach (var folder in new DirectoryInfo(Path.GetTempPath()).EnumerateDirectories(TempFolder.Prefix + "*").Where(f => f.LastWriteTimeUtc < old))
        {
            try
            {
                folder.Delete(recursive: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Another user's; or another test run is removing it.
            }
        }
    }
}
