namespace ImagePipeline.ServiceDefaults.Hosting;

/// <summary>Whether the service can do its work now. Looks at most once a second, however often it is asked.</summary>
sealed class Readiness(IEnumerable<ReadyCheck> checks, IServiceProvider services, TimeProvider time) : IDisposable
{
    static readonly TimeSpan Holds = TimeSpan.FromSeconds(1);

    readonly SemaphoreSlim _one = new(1);
    ReadyReport? _last;
    long _lastAt;

    /// <summary>Why it is not ready whatever the checks say; null while it runs.</summary>
    public string? Phase { get; set; } = "is starting";

    /// <summary>What it is now.</summary>
    public async Task<ReadyReport> LookAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            if (_last is null || time.GetElapsedTime(_lastAt) >= Holds)
            {
                _last = await CheckAsync(cancellation);
                _lastAt = time.GetTimestamp();
            }
            return Phase is { } phase ? _last with { Status = phase } : _last;
        }
        finally
        {
            _one.Release();
        }
    }

    async Task<ReadyReport> CheckAsync(CancellationToken cancellation)
    {
        var found = new List<CheckReport>();
        foreach (var check in checks)
        {
            var finding = await check.RunAsync(services, cancellation);
            found.Add(new(check.Name, finding.IsGood, finding.Sentence));
        }
        return new(found.TrueForAll(c => c.Ok) ? ReadyReport.Ready : "is not ready", found);
    }

    public void Dispose() => _one.Dispose();
}

/// <summary>What <c>/health/ready</c> answers, as JSON.</summary>
sealed record ReadyReport(string Status, IReadOnlyList<CheckReport> Checks)
{
    public const string Ready = "is ready";

    internal bool IsReady => Status == Ready;
}

/// <summary>One thing looked at.</summary>
sealed record CheckReport(string Name, bool Ok, string Says);
