using ImagePipeline.Storage.Photos;

namespace ImagePipeline.Storage.Tests.Photos;

static class Some
{
    public static string Original(string mediaKey = "photo") => StoreKeys.Original("feed", "listing", mediaKey, "v1");

    public static string Rendition(string mediaKey = "photo") =>
        StoreKeys.Rendition("feed", "listing", mediaKey, "v1", "default-1a2b3c4d", "w320", "jpg");

    public static string Manifest() => StoreKeys.LatestManifest("feed", "listing");

    /// <summary>Half of one, or parts of two, cannot pass for a whole one: the first byte tells the length and all the others.</summary>
    public static byte[] Bytes(int number)
    {
        var bytes = new byte[20_000 + 977 * (number % 256)];
        Array.Fill(bytes, (byte)number);
        return bytes;
    }
}
