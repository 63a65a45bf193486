using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

/// <summary>A server that gives its answers one after the other, the last one for ever, and keeps the requests.</summary>
sealed class TinyServer : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly Func<HttpContext, Task>[] _answers;
    int _asked;

    TinyServer(WebApplication app, Func<HttpContext, Task>[] answers)
    {
        _app = app;
        _answers = answers;
    }

    public ConcurrentQueue<(string Target, HeaderDictionary Headers)> Requests { get; } = new();

    public IEnumerable<string> Targets => Requests.Select(request => request.Target);

    /// <summary>Scheme, host and port.</summary>
    public string Url => _app.Urls.Single();

    public static async Task<TinyServer> StartAsync(params Func<HttpContext, Task>[] answers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new TinyServer(builder.Build(), answers);
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>A JSON answer; <c>{BASE}</c> in it stands for the server's own URL.</summary>
    public static Func<HttpContext, Task> Json(string json) => context =>
        context.Response.WriteAsync(json.Replace("{BASE}", $"{context.Request.Scheme}://{context.Request.Host}", StringComparison.Ordinal));

    public static Func<HttpContext, Task> Status(int status, string? retryAfter = null, string? location = null) => context =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
        if (location is not null) context.Response.Headers.Location = location;
        return Task.CompletedTask;
    };

    public static Func<HttpContext, Task> Gzip(string json) => async context =>
    {
        context.Response.Headers.ContentEncoding = "gzip";
        await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
        await gzip.WriteAsync(Encoding.UTF8.GetBytes(json));
    };

    public static async Task Truncated(HttpContext context)
    {
        context.Response.ContentLength = 1_000;
        await context.Response.WriteAsync("{\"value\":[");
        context.Abort();
    }

    public static Task Never(HttpContext context) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);

    Task AnswerAsync(HttpContext context)
    {
        var headers = new HeaderDictionary();
        foreach (var (name, value) in context.Request.Headers) headers[name] = value;
        Requests.Enqueue((context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, headers));
        return _answers[Math.Min(Interlocked.Increment(ref _asked), _answers.Length) - 1](context);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
