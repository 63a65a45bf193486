namespace ImagePipeline.ServiceDefaults;

/// <summary>A message that is being consumed at an endpoint with an entrance.</summary>
sealed class GatedMessage(GatedEndpoint endpoint, DateTimeOffset received, CancellationToken cancellation)
{
    // Ambient, because the store and the database, where most of the waiting is done, know nothing of messages: a wait deep inside finds here
    // whose wait it is, so that a message which passed its entrance as the probe is the probe inside too, and so that it can be given back.
    static readonly AsyncLocal<GatedMessage?> Ambient = new();

    volatile bool _hasEnded;
    volatile bool _isGivenBack;

    /// <summary>The message that is being consumed here; null outside of one.</summary>
    public static GatedMessage? Current
    {
        // What a message has started and not awaited outlives it, and is on its own from then on.
        get => Ambient.Value is { HasEnded: false } message ? message : null;
        set => Ambient.Value = value;
    }

    /// <summary>When the transport handed it over; also of the tries before this one.</summary>
    public DateTimeOffset Received => received;

    /// <summary>The transport's own.</summary>
    public CancellationToken Cancellation => cancellation;

    public bool HasEnded => _hasEnded;

    /// <summary>Whether a wait of it was ended so that it can go back to its queue.</summary>
    public bool IsGivenBack => _isGivenBack;

    /// <summary>It waits at a gate until disposed, and can be given back meanwhile.</summary>
    public IDisposable Hold(Gate gate, Action giveBack) => endpoint.Hold(this, gate, () =>
    {
        _isGivenBack = true;
        giveBack();
    });

    /// <summary>Leaves it to others to be the probe.</summary>
    public void DropProbes(Gate? except)
    {
        foreach (var gate in endpoint.Entrance)
        {
            if (gate != except)
                gate.Drop(this);
        }
    }

    public void End()
    {
        _hasEnded = true;
        DropProbes(except: null);
    }
}
