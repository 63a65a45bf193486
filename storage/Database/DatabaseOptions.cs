using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.Storage.Database;

/// <summary>Section <c>Database</c>: where state is kept.</summary>
public sealed class DatabaseOptions
{
    /// <summary>
    /// <c>Data Source=FILE</c> for a SQLite file (one machine only), <c>Host=…;Database=…</c> for PostgreSQL.
    /// </summary>
    /// <value>Default <c>Data Source=imagepipe.db</c>.</value>
    [Required]
    public string ConnectionString { get; set; } = "Data Source=imagepipe.db";
}
