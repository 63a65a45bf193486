using System.Net;
using ImagePipeline.TestSupport;
using NetVips;

namespace ImagePipeline.Pipeline.Tests;

/// <summary>Serves what it is told to serve, and a good picture at /a.jpg; 404 for the rest.</summary>
sealed class PhotoServer : IDisposable
{
    public static readonly byte[] Jpeg = Image.Gaussnoise(64, 48, sigma: 40, mean: 128).Cast(Enums.BandFormat.Uchar).JpegsaveBuffer();

    readonly HttpListener _listener;
    readonly Dictionary<string, (string Type, byte[] Bytes)> _answers = new() { ["/a.jpg"] = ("image/jpeg", Jpeg) };

    public PhotoServer()
    {
        (_listener, Address) = FreeListener.Start();
        _ = ServeAsync();
    }

    public string Address { get; }

    public void Serve(string path, string type, byte[] bytes) => _answers[path] = (type, bytes);

    public void Dispose() => ((IDisposable)_listener).Dispose();

    async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            try
            {
                await AnswerAsync(context);
            }
            catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
            {
                // Whoever asked has seen enough of it.
            }
        }
    }

    async Task AnswerAsync(HttpListenerContext context)
    {
        using var response = context.Response;
        if (!_answers.TryGetValue(context.Request.Url!.AbsolutePath, out var answer))
        {
            response.StatusCode = 404;
            return;
        }
        response.ContentType = answer.Type;
        response.ContentLength64 = answer.Bytes.Length;
        await response.OutputStream.WriteAsync(answer.Bytes);
    }
}
