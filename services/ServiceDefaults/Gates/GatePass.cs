namespace ImagePipeline.ServiceDefaults;

/// <summary>
/// Leave to try one thing behind a gate. While the gate is closed at most one is valid, the probe. Dispose it when the try is over: a probe that
/// was disposed without a verdict hands its role on.
/// </summary>
public sealed class GatePass : IDisposable
{
    readonly Gate _gate;

    internal GatePass(Gate gate, GatedMessage? carrier = null)
    {
        _gate = gate;
        Carrier = carrier;
        IsIdle = carrier is not null;
    }

    /// <summary>False when the gate has closed since, and this is not the probe: wait again.</summary>
    public bool IsValid => _gate.LetsThrough(this);

    /// <summary>Whether this is the one try while the gate is closed.</summary>
    public bool IsProbe => _gate.IsProbe(this);

    /// <summary>The message that became the probe at its entrance and has it for whatever it tries inside; null for one who waited inside.</summary>
    internal GatedMessage? Carrier { get; }

    /// <summary>Whether the message that carries it is not behind the gate right now. Guarded by the gate.</summary>
    internal bool IsIdle { get; set; }

    /// <summary>The trouble is over: if this is the probe, the gate opens.</summary>
    public void Succeeded() => _gate.Open(this);

    /// <summary>It is everybody's trouble: the gate closes, and if this is the probe, for longer than before.</summary>
    /// <param name="pause">For how long; null for a pause that grows with each refused probe.</param>
    /// <param name="why">One sentence for a person.</param>
    public void Refused(TimeSpan? pause, string why) => _gate.Close(pause, why, this);

    /// <inheritdoc/>
    public void Dispose() => _gate.Return(this);
}
