using System.Security.Cryptography;
using System.Text;

namespace ImagePipeline.Contracts;

/// <summary>
/// The ids every message carries, computed from what the feed says and from nothing else, so that every process and every
/// subscriber arrives at the same one (UUID version 5, RFC 9562 section 5.5).
/// </summary>
public static class Identity
{
    // A random UUID of this product's own: the name space of its listings.
    static readonly Guid Namespace = new("7c1b7a4e-2f0d-4b57-9a3e-54b0a9d7c6f1");

    /// <summary>The id of a listing: a feed's id and the key the feed gives the listing.</summary>
    public static Guid ListingUid(string feed, string listingKey) => NameBased(Namespace, $"{feed}\n{listingKey}");

    /// <summary>The id of a photo: its listing and the key the feed gives the photo.</summary>
    public static Guid PhotoId(Guid listingUid, string mediaKey) => NameBased(listingUid, mediaKey);

    /// <summary>The message id of one announcement of a listing: the same however often it is sent.</summary>
    public static Guid AnnouncementId(Guid listingUid, long announcement) => NameBased(listingUid, $"announcement {announcement}");

    static Guid NameBased(Guid space, string name)
    {
        var input = new byte[16 + Encoding.UTF8.GetByteCount(name)];
        space.TryWriteBytes(input, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(name, input.AsSpan(16));

        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 9562 prescribes SHA-1 for version 5; nothing secret depends on it.
        SHA1.HashData(input, hash);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
