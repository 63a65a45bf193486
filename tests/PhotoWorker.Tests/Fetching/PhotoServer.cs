using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

/// <summary>A request as it came over the wire.</summary>
sealed record Heard(int Number, string Target, IReadOnlyDictionary<string, string> Headers);

/// <summary>Writes the answer to a request, byte by byte if it likes; the connection ends when it returns false.</summary>
delegate Task<bool> Answer(Heard request, NetworkStream stream);

/// <summary>A web server on 127.0.0.1 that does what a test tells it, also what no real server does.</summary>
sealed class PhotoServer : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly ConcurrentQueue<Heard> _heard = new();
    readonly Answer _answer;
    readonly Task _accepting;
    int _number;

    public PhotoServer(Answer answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public IReadOnlyList<Heard> Requests => [.. _heard];

    public string Url(string target = "/photo.jpg", string host = "127.0.0.1") => $"http://{host}:{Port}{target}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (_stop.IsCancellationRequested && e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(connections);
        }
    }

    async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        await using var stream = client.GetStream();
        try
        {
            while (await HearAsync(stream) is { } request)
            {
                _heard.Enqueue(request);
                if (!await _answer(request, stream).WaitAsync(_stop.Token))
                    return;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client hung up, or the test is over.
        }
    }

    async Task<Heard?> HearAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!Encoding.Latin1.GetString([.. head]).EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
                return null;
            head.Add(one[0]);
        }
        var lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2))
            .ToDictionary(header => header[0], header => header[1], StringComparer.OrdinalIgnoreCase);
        // The target is all between method and version, also where it should not hold a space.
        var target = lines[0]["GET ".Length..lines[0].LastIndexOf(' ')];
        return new Heard(Interlocked.Increment(ref _number), target, headers);
    }
}
