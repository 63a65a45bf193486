using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace ImagePipeline.Storage.Photos;

/// <summary>What the file store needs from the operating system and .NET does not offer.</summary>
static class Posix
{
    // The same numbers on Linux and macOS.
    const int NotFound = 2; // ENOENT
    const int Exists = 17; // EEXIST

    /// <summary>
    /// Gives a file its name unless the name is taken, in one step. <see cref="File.Move(string, string, bool)"/> without overwriting is
    /// not that: on Unix it looks first and renames then, and of two writers both can find the name free.
    /// </summary>
    public static bool TryMoveOnce(string from, string to)
    {
        if (!OperatingSystem.IsWindows())
        {
            if (Link(Bytes(from), Bytes(to)) == 0)
            {
                File.Delete(from);
                return true;
            }
            switch (Marshal.GetLastPInvokeError())
            {
                case Exists:
                    return false;
                case NotFound:
                    throw new DirectoryNotFoundException($"There is no folder for {to}.");
            }
        }
        // Windows, whose move is one step; a file system without hard links, where this is the best there is; or an error that this names.
        try
        {
            File.Move(from, to, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(to))
        {
            return false;
        }
    }

    /// <summary>Puts a folder's names on the disk, as flushing a file does with its content. Windows does so by itself.</summary>
    public static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var folder = Open(Bytes(path), 0);
        if (folder < 0)
            throw Failure(path);
        try
        {
            if (FSync(folder) != 0)
                throw Failure(path);
        }
        finally
        {
            _ = Close(folder);
        }
    }

    static IOException Failure(string path)
    {
        var cause = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"The folder {path} cannot be written to the disk: {cause.Message}", cause);
    }

    static byte[] Bytes(string path) => Encoding.UTF8.GetBytes(path + '\0');

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    static extern int Link(byte[] from, byte[] to);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    static extern int FSync(int file);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    static extern int Close(int file);
}
