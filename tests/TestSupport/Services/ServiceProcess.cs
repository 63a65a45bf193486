using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace ImagePipeline.TestSupport.Services;

/// <summary>One of the services as a process of its own, configured by environment variables only. Disposed it is dead.</summary>
sealed partial class ServiceProcess : IAsyncDisposable
{
    // Much longer than anything here takes on a busy machine.
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    static readonly HttpClient Http = new() { Timeout = Patience };

    readonly string _name;
    readonly Process _process;
    readonly Task<string> _error;
    readonly Task _reading;
    readonly List<string> _lines = [];
    readonly List<string> _errorLines = [];
    readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    ServiceProcess(string name, Process process)
    {
        (_name, _process) = (name, process);
        _error = ReadErrorAsync();
        _reading = ReadAsync();
    }

    /// <summary>Starts a service (<c>FeedIngest</c>, <c>PhotoWorker</c>, <c>ListingNotifier</c>) in a folder, without waiting for it.</summary>
    /// <param name="name">The service.</param>
    /// <param name="folder">Where it runs; relative paths in its settings start there.</param>
    /// <param name="environment">Its settings. Those of the test process that look like the product's are not passed on.</param>
    /// <param name="arguments">Its command line, which should be empty.</param>
    public static ServiceProcess Start(string name, string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        return Run(name, dotnet, [Path.Combine(AppContext.BaseDirectory, $"{name}.dll"), .. arguments], folder, environment);
    }

    /// <summary>Starts any program so, without waiting for it.</summary>
    public static ServiceProcess Run(string name, string program, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var variable in start.Environment.Keys.Where(key => key.Contains("__", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(variable);
        // A free port: other tests run beside this one.
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;
        return new(name, Process.Start(start)!);
    }

    /// <summary>Whether it runs no more.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Its log so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    /// <summary>Waits until it says that it can do its work.</summary>
    public async Task UntilReadyAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        (HttpStatusCode Status, string Body) last = default;
        try
        {
            while ((last = await GetAsync("/health/ready", limit.Token)).Status != HttpStatusCode.OK)
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_name} was not ready within {Patience}: {last.Body}\n{string.Join('\n', Lines)}");
        }
    }

    /// <summary>Asks it over HTTP; waits until it listens.</summary>
    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string path, CancellationToken cancellation = default)
    {
        var address = await _address.Task.WaitAsync(Patience, TimeProvider.System, cancellation);
        using var answer = await Http.GetAsync(new Uri(address, path), cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellation));
    }

    /// <summary>What it shows of its metrics now.</summary>
    public async Task<IReadOnlyList<MetricSample>> MetricsAsync() => MetricSample.Parse((await GetAsync("/metrics")).Body);

    /// <summary>Waits until its log has a line with a text.</summary>
    public Task UntilSaidAsync(string text) => UntilInAsync(_lines, text);

    /// <summary>Waits until there is a line with a text on its error stream.</summary>
    public Task UntilComplainedAsync(string text) => UntilInAsync(_errorLines, text);

    /// <summary>Asks it to stop, as a service manager does.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<Ended> EndAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            throw new TimeoutException($"{_name} did not end within {Patience}; it said:\n{string.Join('\n', Lines)}\n{await _error}");
        }
        await _reading;
        return new(_process.ExitCode, string.Join('\n', Lines), await _error);
    }

    /// <summary>kill -9, and waits until it is dead.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        await _reading;
        _process.Dispose();
    }

    async Task UntilInAsync(List<string> lines, string text)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var isOver = (_reading.IsCompleted && _error.IsCompleted) || limit.IsCancellationRequested;
            if (IsThere())
                return;
            if (isOver)
                throw new TimeoutException($"{_name} did not say \"{text}\":\n{string.Join('\n', Lines)}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        bool IsThere()
        {
            lock (lines)
                return lines.Exists(line => line.Contains(text, StringComparison.Ordinal));
        }
    }

    async Task<string> ReadErrorAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_errorLines)
                _errorLines.Add(line);
        }
        return string.Concat(_errorLines.Select(line => $"{line}\n"));
    }

    async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_lines)
                _lines.Add(line);
            if (HealthAddress().Match(line) is { Success: true } match)
                _address.TrySetResult(new Uri(match.Groups[1].Value));
        }
        // Nobody waits for an address that never comes.
        _address.TrySetException(new InvalidOperationException($"{_name} ended before it listened: {await _error}"));
        _ = _address.Task.Exception;
    }

    [GeneratedRegex("health at (http://[^/]+)/health/live")]
    private static partial Regex HealthAddress();
}
