using System.Text.Json;

namespace ImagePipeline.Storage.Photos;

/// <summary>The file beside an object that holds its facts: JSON, and hidden, because no part of a key starts with a dot.</summary>
static class FactsFile
{
    /// <summary>The facts' path for an object's path.</summary>
    public static string Of(string path) => Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.meta");

    public static byte[] Write(ObjectFacts facts) => JsonSerializer.SerializeToUtf8Bytes(facts);

    /// <summary>The facts of the object at <paramref name="path"/>; null when it has none.</summary>
    public static async Task<ObjectFacts?> TryReadAsync(string path, CancellationToken cancellation)
    {
        if (await FileTree.TryReadAsync(Of(path), cancellation) is not { } json)
            return null;
        try
        {
            return JsonSerializer.Deserialize<ObjectFacts>(json);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{Of(path)} is damaged; delete it and the object beside it to have that stored again.", error);
        }
    }
}
