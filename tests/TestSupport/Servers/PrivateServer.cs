using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Xunit;

namespace ImagePipeline.TestSupport.Servers;

/// <summary>
/// An installed server, started for these tests alone in a temporary folder. A shell watches over it: when the pipe to it closes, because
/// the tests are over or were killed, even with SIGKILL, it stops the server and removes the folder.
/// </summary>
sealed class PrivateServer : IAsyncDisposable
{
    // A broker on a disk that is full, or slow for some minutes, takes no message and says nothing: all tests would hang. Theirs is not the disk that is tested.
    const string MemoryFolder = "/dev/shm";
    const long LeastMemory = 4L << 30;

    // START, STOP and TELL are the server's own commands. Ctrl-C is for the tests but reaches the shell, too, and an answer to tests that were
    // killed meanwhile breaks the pipe: neither may end it before STOP.
    const string Watch =
        """
        trap '' INT TERM HUP PIPE
        mkdir -m 700 "$FOLDER" && cd "$FOLDER" || exit 1
        if eval "$START" >start.log 2>&1; then echo ready; else cat ./*.log >&2; echo failed; fi
        while read -r command; do
            if eval "$command" >command.log 2>&1 </dev/null; then echo done; else echo "failed: $(tr '\n' ' ' <command.log)"; fi
        done
        eval "$STOP" >stop.log 2>&1
        eval "$TELL" 2>/dev/null
        cd / && rm -rf "$FOLDER"
        """;

    // Much more than a command takes, on a busy machine too.
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly string _name;
    readonly Process _watching;

    PrivateServer(string name, Process watching) => (_name, _watching) = (name, watching);

    /// <summary>
    /// Starts a server as <paramref name="user"/> where this process is root, which servers refuse to be run by. The commands are shell
    /// and run in the server's folder, <c>$FOLDER</c>; <paramref name="start"/> ends when the server answers, <paramref name="tell"/> prints
    /// what people should know of its run when it is over.
    /// </summary>
    /// <exception cref="NoServerException">It does not start; the message holds its last words.</exception>
    public static async Task<PrivateServer> StartAsync(string name, string user, string start, string stop, string tell, Dictionary<string, string> variables)
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
        shell.Environment["FOLDER"] = Path.Combine(Folders()[0], $"{TempFolder.Prefix}{name}-{Environment.ProcessId}-{Guid.NewGuid():N}");
        shell.Environment["START"] = start;
        shell.Environment["STOP"] = stop;
        shell.Environment["TELL"] = tell;

        var watching = Process.Start(shell) ?? throw new NoServerException($"{shell.FileName} does not start");
        if (await watching.StandardOutput.ReadLineAsync() == "ready")
            return new PrivateServer(name, watching);
        watching.StandardInput.Close();
        var words = await watching.StandardError.ReadToEndAsync();
        await watching.WaitForExitAsync();
        watching.Dispose();
        throw new NoServerException($"the installed {name} does not start: {words.Trim().ReplaceLineEndings(" / ")}");
    }

    /// <summary>
    /// A port nobody listened on a moment ago, below those that systems give to outgoing connections: while a server is down, none of its
    /// clients can be given its port.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, RandomNumberGenerator.GetInt32(10_000, 32_000));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
            }
        }
    }

    /// <summary>Runs one line of shell as the server's user, in its folder, with its variables; one at a time.</summary>
    public async Task RunAsync(string command)
    {
        await _watching.StandardInput.WriteLineAsync(command);
        await _watching.StandardInput.FlushAsync();
        if (await _watching.StandardOutput.ReadLineAsync().WaitAsync(Patience) is var answer and not "done")
            throw new InvalidOperationException($"{command} {answer}");
    }

    /// <summary>Stops it and removes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        _watching.StandardInput.Close();
        if (await _watching.StandardOutput.ReadToEndAsync() is { Length: > 0 } told)
            TestContext.Current.SendDiagnosticMessage($"{_name}: {told.TrimEnd()}");
        await _watching.WaitForExitAsync();
        _watching.Dispose();
    }

    // Where servers may be, the best first.
    static string[] Folders() => Directory.Exists(MemoryFolder) && new DriveInfo(MemoryFolder) is { DriveFormat: "tmpfs", AvailableFreeSpace: > LeastMemory }
        ? [MemoryFolder, Path.GetTempPath()]
        : [Path.GetTempPath()];

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

    // Only where the shell itself was killed, with the whole machine as a rule. No test run lasts a day.
    static void RemoveLeftovers()
    {
        var old = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1);
        foreach (var folder in Folders().SelectMany(place => new DirectoryInfo(place).EnumerateDirectories(TempFolder.Prefix + "*")).Where(f => f.LastWriteTimeUtc < old))
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
