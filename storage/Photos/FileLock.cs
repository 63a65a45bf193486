namespace ImagePipeline.Storage.Photos;

/// <summary>
/// A lock between processes: an empty file that one of them holds open and nobody else can open meanwhile. It ends with its process,
/// however that ends. (On Linux it is <c>flock</c>.)
/// </summary>
static class FileLock
{
    // Held for a few file operations, so the next look finds it free.
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    /// <summary>The lock, held until it is disposed; null when another holds it.</summary>
    public static IDisposable? TryTake(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException error) when (IsHeld(error))
        {
            return null;
        }
    }

    /// <summary>The lock, once it is free.</summary>
    public static async Task<IDisposable> TakeAsync(string path, CancellationToken cancellation)
    {
        IDisposable? held;
        while ((held = TryTake(path)) is null)
            await Task.Delay(Pause, TimeProvider.System, cancellation); // The other process does not live by an injected clock.
        return held;
    }

    // EWOULDBLOCK on Linux, on macOS; ERROR_SHARING_VIOLATION on Windows. .NET has no exception type of its own for it.
    static bool IsHeld(IOException error) => error.HResult is 11 or 35 or unchecked((int)0x80070020);
}
