using System.Text.Json;
using ImagePipeline.Contracts;

namespace ImagePipeline.Gallery;

/// <summary>A file store, as the smallest website reads it: the latest manifest of each listing says all that is to be shown.</summary>
static class StoreFolder
{
    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    /// <summary>The latest announcement of every listing, by feed and key.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such store.</exception>
    /// <exception cref="InvalidDataException">A manifest cannot be read; the message names it.</exception>
    public static async Task<IReadOnlyList<PhotosReady>> ReadAsync(string store)
    {
        if (!Directory.Exists(store)) throw new DirectoryNotFoundException($"There is no folder {store}.");

        var manifests = Path.Combine(store, "manifests");
        if (!Directory.Exists(manifests)) return [];

        var listings = new List<PhotosReady>();
        foreach (var file in Directory.EnumerateFiles(manifests, "latest.json", SearchOption.AllDirectories))
            listings.Add(await ReadManifestAsync(file));

        return [.. listings.OrderBy(listing => listing.Feed, StringComparer.Ordinal).ThenBy(listing => listing.ListingKey, StringComparer.Ordinal)];
    }

    static async Task<PhotosReady> ReadManifestAsync(string file)
    {
        await using var stream = File.OpenRead(file);
        try
        {
            return await JsonSerializer.DeserializeAsync<PhotosReady>(stream, Web) ?? throw new JsonException("It is null.");
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException($"The manifest {file} cannot be read: {problem.Message}", problem);
        }
    }
}
