using ImagePipeline.ServiceDefaults.Hosting;
using ImagePipeline.Storage.Database;

namespace ImagePipeline.Cli;

/// <summary>
/// One run or backfill at a time on one state file: two runs would each believe that what the other asked for was lost. Ends with its process, however that ends.
/// </summary>
sealed class RunLock : IDisposable
{
    readonly FileStream _file;

    RunLock(FileStream file) => _file = file;

    /// <summary>Takes the lock of a SQLite file; nothing for PostgreSQL, where several processes are at home.</summary>
    public static RunLock? Take(PipelineDatabase database)
    {
        if (!database.IsSqlite)
            return null;
        try
        {
            return new RunLock(new FileStream(database.Name + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (IOException) when (File.Exists(database.Name + ".lock"))
        {
            throw new CannotStartException($"Another imagepipe run or backfill is using the state {database.Name}; wait for it, or name another with --state.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException($"The state {database.Name} cannot be written: {e.Message}");
        }
    }

    public void Dispose() => _file.Dispose();
}
