namespace ImagePipeline.Storage.Photos;

/// <summary>Where everything is kept. No order, address or vendor token is part of a key.</summary>
public static class StoreKeys
{
    public static string Original(string feed, string listingKey, string mediaKey, string version) => throw new NotImplementedException();
    public static string Rendition(string feed, string listingKey, string mediaKey, string version, string profile, string name, string extension) => throw new NotImplementedException();
    public static string Manifest(string feed, string listingKey, int announcement) => throw new NotImplementedException();
    public static string LatestManifest(string feed, string listingKey) => throw new NotImplementedException();
    public static IReadOnlyList<string> PrefixesOf(string feed, string listingKey) => throw new NotImplementedException();
}
