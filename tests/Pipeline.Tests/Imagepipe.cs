using System.Diagnostics;
using System.Text.Json;
using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests;

/// <summary>The real command line as a process of its own, with a state and a store in a folder of the test.</summary>
sealed class Imagepipe(TempFolder folder)
{
    /// <summary>Starts <c>imagepipe run</c> on feeds, without waiting for it.</summary>
    public ImagepipeProcess StartRun(params string[] arguments) =>
        Start(["run", .. State, "--allow-host", "127.0.0.1", "--summary", folder["s.json"], .. arguments]);

    /// <summary>Runs <c>imagepipe run</c> to its end.</summary>
    public Task<Ended> RunAsync(params string[] arguments) => StartRun(arguments).EndAsync();

    /// <summary>Starts <c>imagepipe backfill</c> on the state and store of the runs, without waiting for it.</summary>
    public ImagepipeProcess StartBackfill(params string[] arguments) => Start(["backfill", .. State, "--summary", folder["s.json"], .. arguments]);

    /// <summary>Runs <c>imagepipe backfill</c> to its end.</summary>
    public Task<Ended> BackfillAsync(params string[] arguments) => StartBackfill(arguments).EndAsync();

    /// <summary>Starts any command, without waiting for it.</summary>
    public ImagepipeProcess StartCommand(params string[] arguments) => Start(arguments);

    /// <summary>Runs any command to its end.</summary>
    public Task<Ended> CommandAsync(params string[] arguments) => Start(arguments).EndAsync();

    /// <summary>Settings of the environment for the next processes.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public string Store => folder["store"];

    /// <summary>Where its photos are kept: in the folder <see cref="Store"/>, unless it is given a bucket.</summary>
    public string StoreUrl { get; private set; } = $"file:{folder["store"]}";

    /// <summary>Keeps the photos of the next processes in a bucket.</summary>
    public Imagepipe In(S3Bucket bucket)
    {
        StoreUrl = bucket.Url;
        foreach (var (name, value) in bucket.Settings)
            Environment[name] = value;
        return this;
    }

    /// <summary>A way into its store.</summary>
    public IPhotoStore Open() => PhotoStoreFactory.Open(new() { Url = StoreUrl, Endpoint = Environment.GetValueOrDefault("Store__Endpoint") });

    // The environment may name another database.
    string[] State => Environment.ContainsKey("Database__ConnectionString") ? ["--store", StoreUrl] : ["--store", StoreUrl, "--state", folder["s.db"]];

    public JsonElement Summary => JsonDocument.Parse(File.ReadAllText(folder["s.json"])).RootElement;

    public int Photos(string number) => Summary.GetProperty("photos").GetProperty(number).GetInt32();

    /// <summary>The keys of all objects of a kind, and when each was written.</summary>
    public IReadOnlyDictionary<string, DateTime> Objects(string kind)
    {
        var root = Path.Combine(Store, kind);
        return Directory.Exists(root)
            ? Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
                .ToDictionary(f => Path.GetRelativePath(Store, f), File.GetLastWriteTimeUtc)
            : new Dictionary<string, DateTime>();
    }

    ImagepipeProcess Start(string[] arguments)
    {
        var start = new ProcessStartInfo(System.Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "imagepipe.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return new ImagepipeProcess(start);
    }
}

/// <summary>A process under way.</summary>
sealed class ImagepipeProcess
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    readonly Process _process;
    readonly Task<string> _out;
    readonly Task<string> _error;

    public ImagepipeProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _out = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    public async Task<Ended> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            Assert.Fail($"imagepipe did not end within {Limit}; it said:\n{await _out}\n{await _error}");
        }
        var ended = new Ended(_process.ExitCode, await _out, await _error);
        _process.Dispose();
        return ended;
    }

    /// <summary>Whether it ended by itself within a time.</summary>
    public bool EndsWithin(TimeSpan time) => _process.WaitForExit(time);

    /// <summary>Asks it to stop, as a service manager does.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>kill -9, and waits until it is dead.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
