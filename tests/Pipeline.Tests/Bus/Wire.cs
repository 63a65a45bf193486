using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Pipeline.Tests.Bus;

/// <summary>A way to a broker that can fall silent as networks do: nothing is closed, nothing comes through, and what was connected then never works again.</summary>
sealed class Wire : IAsyncDisposable
{
    readonly TestBroker _broker;
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly ConcurrentBag<Socket> _sockets = [];
    readonly CancellationTokenSource _end = new();
    volatile CancellationTokenSource _cut = new();
    volatile bool _isSilent;

    public Wire(TestBroker broker)
    {
        _broker = broker;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>How a process is told to use it.</summary>
    public (string, string)[] Settings => [("RabbitMqTransport:Host", "127.0.0.1"), ("RabbitMqTransport:Port", $"{((IPEndPoint)_listener.LocalEndpoint).Port}")];

    /// <summary>Silent from now on; new connections are taken, and get no answer.</summary>
    public void FallSilent()
    {
        _isSilent = true;
        _cut.Cancel();
    }

    /// <summary>New connections work again.</summary>
    public void Mend()
    {
        _cut = new();
        _isSilent = false;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        foreach (var socket in _sockets)
            socket.Dispose();
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptSocketAsync(_end.Token);
                _sockets.Add(near);
                if (!_isSilent)
                    _ = JoinAsync(near, _cut.Token);
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    async Task JoinAsync(Socket near, CancellationToken cut)
    {
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(far);
        try
        {
            await far.ConnectAsync(_broker.Host, _broker.Port, cut);
            await Task.WhenAll(PassAsync(near, far, cut), PassAsync(far, near, cut));
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    static async Task PassAsync(Socket from, Socket to, CancellationToken cut)
    {
        var buffer = new byte[65_536];
        while (await from.ReceiveAsync(buffer, cut) is var count and > 0)
            await to.SendAsync(buffer.AsMemory(0, count), cut);
        to.Shutdown(SocketShutdown.Send);
    }
}
