namespace ImagePipeline.TestSupport;

/// <summary>A folder for one test, deleted with all that is in it.</summary>
public sealed class TempFolder : IDisposable
{
    internal const string Prefix = "imagepipe-test-";

    /// <summary>The folder.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory(Prefix).FullName;

    /// <summary>The path of a file or folder in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <inheritdoc />
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
