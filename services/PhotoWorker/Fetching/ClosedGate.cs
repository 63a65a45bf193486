namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>A feed whose gate is closed.</summary>
/// <param name="Feed">The feed.</param>
/// <param name="Since">When it closed; later refusals do not change it.</param>
/// <param name="Until">When one photo is tried to see whether the vendor serves again; may be past while none asks.</param>
/// <param name="Why">One sentence for a person.</param>
sealed record ClosedGate(string Feed, DateTimeOffset Since, DateTimeOffset Until, string Why);
