using MassTransit;

namespace ImagePipeline.ServiceDefaults;

/// <summary>What is to be done with an endpoint now.</summary>
enum EndpointChange
{
    None,
    Stop,
    Start,
}

/// <summary>
/// Stops and starts one endpoint of RabbitMQ:
/// <code>
/// running ── a message held for HoldTime ──> stopped ── the gates are open, or the stop has lasted long enough ──> running
/// </code>
/// Each stop gives back all that was prefetched, and each of those messages loses one of its 100 deliveries: so each further stop of the same
/// trouble lasts twice as long.
/// </summary>
sealed class EndpointStop(GatedEndpoint gated, IReceiveEndpoint endpoint, GateOptions options, TimeProvider time)
{
    IReadOnlyList<Gate> _gates = [];
    DateTimeOffset _stoppedAt;
    int _stops;
    volatile bool _isStopped;
    volatile bool _isChanging;

    /// <summary>The queue, for a person.</summary>
    public string Queue => gated.Address.AbsolutePath.Split('/')[^1];

    /// <summary>The gates it is stopped for.</summary>
    public IEnumerable<string> Gates => _gates.Select(gate => gate.Name);

    /// <summary>How long this stop lasts while the gates stay closed.</summary>
    public TimeSpan Duration
    {
        get
        {
            var doubled = options.HoldTime * Math.Pow(2, Math.Clamp(_stops - 1, 0, 20));
            return doubled < options.LongestStop ? doubled : options.LongestStop;
        }
    }

    public bool IsStopped => _isStopped;

    /// <summary>Decides; whoever gets a change carries it out.</summary>
    public EndpointChange Look()
    {
        if (_isChanging)
            return EndpointChange.None;
        var now = time.GetUtcNow();
        var isOpen = _gates.All(gate => gate.Closed is null);
        if (_isStopped)
            return isOpen || (now - _stoppedAt >= Duration && _gates.All(gate => gate.Closed is not { } closed || closed.Until <= now))
                ? EndpointChange.Start
                : EndpointChange.None;

        if (isOpen)
            (_gates, _stops) = ([], 0);
        // By the message that has been held the longest: an endpoint without messages need not stop, and the broker's patience is with messages.
        if (gated.OldestReceived is not { } oldest || now - oldest < options.HoldTime)
            return EndpointChange.None;
        (_gates, _stoppedAt) = (gated.HeldAt, now);
        _stops++;
        return EndpointChange.Stop;
    }

    /// <summary>Stops it and gives back what it holds; what is really in work is finished first.</summary>
    public async Task StopAsync()
    {
        _isChanging = true;
        try
        {
            _isStopped = true;
            var stopping = endpoint.Stop(CancellationToken.None);
            gated.GiveBack();
            await stopping;
        }
        finally
        {
            _isChanging = false;
        }
    }

    /// <summary>Starts it. While the gates are closed one of its messages passes as the probe and the others are held.</summary>
    public async Task StartAsync()
    {
        _isChanging = true;
        try
        {
            gated.TakeAgain();
            // From here on the transport tries again for as long as it takes to connect.
            var starting = endpoint.Start(CancellationToken.None);
            _isStopped = false;
            await starting.Ready;
        }
        finally
        {
            _isChanging = false;
        }
    }
}
