using System.Net;
using System.Net.Sockets;
using Microsoft.Security.AntiSSRF;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>Which addresses belong to the public Internet. The ranges that do not are Microsoft.Security.AntiSSRF's (see
/// <c>docs/decisions/0003-address-policy.md</c>).</summary>
static class PublicAddress
{
    static readonly IPNetwork[] Refused = [.. IPAddressRanges.recommendedLatest.Select(range => IPNetwork.Parse(range))];

    // All global unicast addresses of IPv6. What lies outside is refused as a whole: with the known private ranges also those that embed an
    // IPv4 address and are missing from the list above, v4-compatible (::/96) and v4-translated (::ffff:0:0:0/96).
    static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>Whether <paramref name="address"/> may be reached without being allowed by name.</summary>
    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !GlobalUnicast.Contains(address))
            return false;
        foreach (var range in Refused)
            if (range.Contains(address))
                return false;
        return true;
    }
}
