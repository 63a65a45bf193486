namespace ImagePipeline.ServiceDefaults;

/// <summary>A gate that is closed.</summary>
/// <param name="Name">The gate: <c>feed:{id}</c>, <see cref="Gates.Store"/> or <see cref="Gates.Database"/>.</param>
/// <param name="Since">When it closed; later refusals do not change it.</param>
/// <param name="Until">When one message is tried to see whether the trouble is over; may be past while none asks.</param>
/// <param name="Why">One sentence for a person.</param>
public sealed record ClosedGate(string Name, DateTimeOffset Since, DateTimeOffset Until, string Why);
