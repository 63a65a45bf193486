namespace ImagePipeline.TestSupport;

/// <summary>Takes a store's folder away while it is written to, and gives it back.</summary>
public static class TakenAway
{
    /// <summary>Takes away a folder of a test's; a file stands in its place, or nothing.</summary>
    public static void TakeAway(this TempFolder folder, string name, bool leaveFile = true)
    {
        Directory.Move(folder[name], Aside(folder, name));
        if (leaveFile)
            Put(folder[name], () => File.WriteAllText(folder[name], "not a folder"));
    }

    /// <summary>Gives it back.</summary>
    public static void GiveBack(this TempFolder folder, string name)
    {
        if (File.Exists(folder[name]))
            File.Delete(folder[name]);
        Put(folder[name], () => Directory.Move(Aside(folder, name), folder[name]));
    }

    static string Aside(TempFolder folder, string name) => folder[$"{name} taken away"];

    // A writer that had looked before may make a folder or two there, and can put nothing into them.
    static void Put(string path, Action put)
    {
        while (true)
        {
            try
            {
                if (Directory.Exists(path))
                    Directory.Delete(path, recursive: true);
                put();
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && Directory.Exists(path))
            {
            }
        }
    }
}
