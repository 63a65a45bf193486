namespace ImagePipeline.Pipeline.Tests;

/// <summary>The folder this was built from.</summary>
static class Repository
{
    static readonly string Root = Find();

    public static string File(string path) => Path.Combine(Root, path);

    static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(folder, "ImagePipeline.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("These tests run inside of the repository only.");
        return folder;
    }
}
