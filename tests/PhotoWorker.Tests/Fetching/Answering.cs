using System.Net.Sockets;
using System.Text;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

/// <summary>Answers for a <see cref="PhotoServer"/>.</summary>
static class Answering
{
    /// <summary>Looks enough like a photo for a downloader, which does not decode.</summary>
    public static readonly byte[] Photo = [0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10, .. "JFIF"u8, 0x00, .. new byte[2000]];

    public static Answer WithPhoto { get; } = With(200, Photo);

    public static Answer With(int status, byte[] body, params string[] headers) => async (_, stream) =>
    {
        await WriteHeadAsync(stream, status, [.. headers, $"Content-Length: {body.Length}"]);
        await stream.WriteAsync(body);
        return true;
    };

    public static Answer With(int status, params string[] headers) => With(status, [], headers);

    /// <summary>The end of the connection ends the body.</summary>
    public static Answer WithoutLength(byte[] body) => async (_, stream) =>
    {
        await WriteHeadAsync(stream, 200, "Connection: close");
        await stream.WriteAsync(body);
        return false;
    };

    public static Answer WithRedirect(string location, int status = 302) => With(status, $"Location: {location}");

    /// <summary>One answer per request, the last for all that follow.</summary>
    public static Answer InTurn(params Answer[] answers) =>
        (request, stream) => answers[Math.Min(request.Number, answers.Length) - 1](request, stream);

    /// <summary>Announces more than it sends.</summary>
    public static Answer CutShort(int announced) => async (_, stream) =>
    {
        await WriteHeadAsync(stream, 200, $"Content-Length: {announced}");
        await stream.WriteAsync(Photo);
        return false;
    };

    public static Answer Endless(ReadOnlyMemory<byte> piece) => async (_, stream) =>
    {
        await WriteHeadAsync(stream, 200, "Connection: close");
        while (true)
            await stream.WriteAsync(piece);
    };

    /// <summary>Sends the head and a first piece, then nothing more.</summary>
    public static Answer Stalling(byte[] piece) => async (_, stream) =>
    {
        await WriteHeadAsync(stream, 200, "Content-Length: 100000");
        await stream.WriteAsync(piece);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        return false;
    };

    public static Answer Never { get; } = async (_, _) =>
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        return false;
    };

    public static Answer HangingUp { get; } = (_, _) => Task.FromResult(false);

    public static Answer Resetting { get; } = (_, stream) =>
    {
        stream.Socket.LingerState = new LingerOption(true, 0);
        stream.Socket.Close();
        return Task.FromResult(false);
    };

    public static async Task WriteHeadAsync(NetworkStream stream, int status, params string[] headers) =>
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"HTTP/1.1 {status} X\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n"));
}
