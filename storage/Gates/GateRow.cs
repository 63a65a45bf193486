namespace ImagePipeline.Storage.Gates;

/// <summary>A closed gate, as processes tell it each other.</summary>
/// <param name="Name">The gate.</param>
/// <param name="Since">When it closed.</param>
/// <param name="Until">When it is tried whether the trouble is over.</param>
/// <param name="Why">One sentence for a person.</param>
/// <param name="Refusals">How often it was refused in turn; the next pause is longer for each.</param>
public sealed record GateRow(string Name, DateTimeOffset Since, DateTimeOffset Until, string Why, int Refusals);
