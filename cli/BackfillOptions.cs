using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.Cli;

/// <summary>Section <c>Backfill</c>: making a changed profile of what is stored.</summary>
sealed class BackfillOptions
{
    /// <summary>
    /// How many photos are in work at once: being looked up, read, decoded or stored. As many originals are in memory; how many of them are decoded at once
    /// is <c>PhotoWorker:Rendering:DecodeConcurrency</c>.
    /// </summary>
    /// <value>Default 16 photos, which keeps two processors busy in front of a store that takes 100 ms for an object; 1 to 1,024.</value>
    [Range(1, 1024)]
    public int Concurrency { get; set; } = 16;
}
