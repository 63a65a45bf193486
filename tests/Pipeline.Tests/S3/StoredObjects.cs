using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ImagePipeline.Storage.Photos;

namespace ImagePipeline.Pipeline.Tests.S3;

/// <summary>What is in a store, object by object.</summary>
static class StoredObjects
{
    // What tells one announcement of the same photos from another.
    static readonly string[] OfTheMoment = ["announcement", "generation", "manifestKey", "readyAt", "changedAt"];

    /// <summary>The photos' objects by key: what is known of each without reading it, and the hash of what is read.</summary>
    public static async Task<SortedDictionary<string, (ObjectFacts Facts, string Sha256)>> PhotosAsync(IPhotoStore store)
    {
        var photos = new SortedDictionary<string, (ObjectFacts, string)>(StringComparer.Ordinal);
        foreach (var kind in new[] { "originals/", "renditions/" })
        {
            await foreach (var key in store.ListAsync(kind, default))
                photos.Add(key, ((await store.FindAsync(key, default))!, Convert.ToHexString(SHA256.HashData((await store.ReadAsync(key, default))!))));
        }
        return photos;
    }

    /// <summary>The latest manifests by key, without what differs from one run to the next.</summary>
    public static async Task<SortedDictionary<string, string>> LatestAsync(IPhotoStore store)
    {
        var latest = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await foreach (var key in store.ListAsync("manifests/", default))
        {
            if (!key.EndsWith("/latest.json", StringComparison.Ordinal))
                continue;
            var manifest = JsonNode.Parse((await store.ReadAsync(key, default))!)!.AsObject();
            foreach (var name in OfTheMoment)
                Assert.True(manifest.Remove(name), name);
            latest.Add(key, manifest.ToJsonString());
        }
        return latest;
    }
}
