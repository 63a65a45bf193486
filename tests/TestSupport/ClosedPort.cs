using System.Net;
using System.Net.Sockets;

namespace ImagePipeline.TestSupport;

/// <summary>A port of 127.0.0.1 that refuses every connection: taken, so that nobody else can be given it meanwhile, and not listened at.</summary>
public sealed class ClosedPort : IDisposable
{
    readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Takes one.</summary>
    public ClosedPort() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    /// <summary>Where nobody answers: scheme, address and port.</summary>
    public string Url => $"http://{_socket.LocalEndPoint}";

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
