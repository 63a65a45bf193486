namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>
/// Leave to send one GET through a feed's gate. While the gate is closed there is at most one, the probe. Dispose it when the GET is over:
/// a probe that was disposed without a verdict hands its role to the next that waits.
/// </summary>
sealed class GatePass(FeedGate gate) : IDisposable
{
    /// <summary>False when the gate has closed since, and this is not the probe: wait again.</summary>
    public bool IsValid => gate.LetsThrough(this);

    /// <summary>The vendor serves: if this is the probe, the gate opens.</summary>
    public void Succeeded() => gate.Open(this);

    /// <summary>The vendor refuses everything for now: the gate closes, and if this is the probe, for longer than before.</summary>
    public void Refused(TimeSpan? retryAfter, string why) => gate.Close(retryAfter, why, this);

    /// <inheritdoc/>
    public void Dispose() => gate.HandOn(this);
}
