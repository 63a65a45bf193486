using ImagePipeline.ServiceDefaults.Hosting;

namespace ImagePipeline.Cli;

/// <summary>The file that <c>--summary</c> names.</summary>
static class SummaryFile
{
    /// <summary>Finds out before a run starts whether its summary can be written; leaves nothing behind.</summary>
    /// <exception cref="CannotStartException">It cannot.</exception>
    public static void Check(string file)
    {
        try
        {
            if (Directory.Exists(file))
                throw new IOException("it is a folder");
            var isNew = !File.Exists(file);
            File.Open(file, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
            if (isNew)
                File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CannotStartException($"The summary cannot be written to \"{file}\": {e.Message.TrimEnd('.')}.");
        }
    }

    /// <summary>Writes it: a file of its own kind whole or not at all, anything else (a pipe, a device, a link) straight through.</summary>
    public static async Task WriteAsync(string file, string text)
    {
        if (File.Exists(file) && File.GetAttributes(file) is var kind && (kind & ~(FileAttributes.Archive | FileAttributes.Hidden)) != FileAttributes.Normal
            && kind != FileAttributes.Archive && kind != FileAttributes.Hidden)
        {
            await File.WriteAllTextAsync(file, text);
            return;
        }
        var unfinished = $"{file}.{Environment.ProcessId}.tmp";
        try
        {
            await File.WriteAllTextAsync(unfinished, text);
            File.Move(unfinished, file, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
