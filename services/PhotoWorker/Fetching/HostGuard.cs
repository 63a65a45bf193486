using System.Net;
using System.Net.Sockets;
using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>
/// Keeps feeds from leading the worker to machines of our own. A URL's host is checked before each request, redirects included; the
/// addresses behind a name where the connection is made, and the connection goes to those just checked, so a name that changes its
/// address in between gains nothing.
/// </summary>
sealed class HostGuard(IOptions<FetchingOptions> options, HostGuard.Resolve resolve)
{
    /// <summary>Finds the addresses of a name.</summary>
    public delegate Task<IPAddress[]> Resolve(string host, CancellationToken cancellation);

    // Says on a request that its feed lists this very private address, so that the connection may be made.
    static readonly HttpRequestOptionsKey<bool> ListedByFeed = new("ImagePipeline.ListedByFeed");

    readonly HashSet<string> _names = [.. options.Value.AllowedPrivateHosts.Select(PhotoUrl.PlainHost)];
    readonly HashSet<IPAddress> _addresses = [.. options.Value.AllowedPrivateHosts.Select(PhotoUrl.PlainHost)
        .Where(host => IPAddress.TryParse(host, out _)).Select(host => Unmapped(IPAddress.Parse(host)))];

    /// <summary>Checks a request's URL against the feed's hosts and, where the host is an address, against the address policy.</summary>
    /// <exception cref="RejectedException">The host or address is refused.</exception>
    public void Check(HttpRequestMessage request, FeedOptions feed)
    {
        var host = PhotoUrl.PlainHost(request.RequestUri!.IdnHost);
        var listed = feed.AllowedHosts.Any(allowed => PhotoUrl.PlainHost(allowed) == host);
        if (feed.AllowedHosts.Count > 0 && !listed)
            throw Refused($"{PhotoUrl.Shown(request.RequestUri)} is not among the hosts that the feed's photos may come from.");
        if (!IPAddress.TryParse(host, out var address))
            return;
        if (!listed && !IsAllowed(host, address))
            throw Refused($"{PhotoUrl.Shown(request.RequestUri)} is a private or reserved address.");
        request.Options.Set(ListedByFeed, listed);
    }

    /// <summary>Makes a connection for <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="RejectedException">An address of the host is refused: one is enough, a public one beside it does not help.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var host = PhotoUrl.PlainHost(context.DnsEndPoint.Host);
        var isAddress = IPAddress.TryParse(host, out var literal);
        var addresses = isAddress ? [literal!] : await resolve(context.DnsEndPoint.Host, cancellation);
        if (addresses.Length == 0)
            throw new SocketException((int)SocketError.HostNotFound);
        var listedByFeed = isAddress && context.InitialRequestMessage.Options.TryGetValue(ListedByFeed, out var listed) && listed;
        if (!listedByFeed && !addresses.All(address => IsAllowed(host, address)))
            throw Refused($"The host {host} has a private or reserved address.");

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    bool IsAllowed(string host, IPAddress address) =>
        PublicAddress.Is(address) || _names.Contains(host) || _addresses.Contains(Unmapped(address));

    static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    static RejectedException Refused(string detail) => new(PhotoRejection.AddressRefused, detail);
}
