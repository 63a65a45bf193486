using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.TestSupport;

/// <summary>
/// Stands before a bucket's server and is to clients what Amazon S3 is: it refuses a wrong signature or checksum, and a PUT on condition whose key is taken. It
/// counts the requests, and fails as it is told to.
/// </summary>
public sealed class S3Front : IAsyncDisposable
{
    readonly Uri _behind;
    readonly WebApplication _app;
    readonly HttpClient _http = new(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None, ActivityHeadersPropagator = null });
    readonly ConcurrentQueue<S3Request> _requests = new();
    readonly ConcurrentDictionary<string, SemaphoreSlim> _writing = new();
    readonly bool _keepsConditions;

    S3Front(S3Bucket bucket, WebApplication app, bool keepsConditions)
    {
        (_behind, _app, _keepsConditions) = (bucket.Endpoint, app, keepsConditions);
        Bucket = bucket;
    }

    /// <summary>Opens one before a bucket.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="keepsConditions">Whether it knows If-None-Match, as Amazon S3 does; else it ignores it, as what is behind it.</param>
    public static async Task<S3Front> OpenAsync(S3Bucket bucket, bool keepsConditions = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        var front = new S3Front(bucket, builder.Build(), keepsConditions);
        front._app.Run(front.AnswerAsync);
        await front._app.StartAsync();
        front.Bucket = bucket with { Endpoint = new Uri(front._app.Urls.Single()) };
        return front;
    }

    /// <summary>The bucket as it is reached through here.</summary>
    public S3Bucket Bucket { get; private set; }

    /// <summary>What was asked so far, in order of the answers.</summary>
    public IReadOnlyCollection<S3Request> Requests => _requests;

    /// <summary>The PUTs that stored something below a key's beginning.</summary>
    public int Puts(string prefix) => _requests.Count(r => r.Method == "PUT" && r.Status == 200 && r.Key.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>What happens instead of an answer, for as long as it is set: given the request and what would answer it.</summary>
    public Func<HttpContext, Func<Task>, Task>? Fault { get; set; }

    /// <summary>Answers with an error as S3 writes one.</summary>
    public static Task RefuseAsync(HttpContext http, int status, string code)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/xml";
        return HttpMethods.IsHead(http.Request.Method)
            ? Task.CompletedTask
            : http.Response.WriteAsync($"""<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>Told to.</Message></Error>""");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    async Task AnswerAsync(HttpContext http)
    {
        var isCounted = false;
        // Before the answer goes out: whoever has it finds it counted.
        http.Response.OnStarting(() =>
        {
            Count(http.Response.StatusCode);
            return Task.CompletedTask;
        });
        var isAnswered = false;
        try
        {
            await (Fault is { } fault ? fault(http, () => PassAsync(http)) : PassAsync(http));
            isAnswered = !http.RequestAborted.IsCancellationRequested;
        }
        finally
        {
            Count(isAnswered ? http.Response.StatusCode : 0);
        }

        void Count(int status)
        {
            if (!isCounted)
                _requests.Enqueue(new(http.Request.Method, KeyOf(http), status));
            isCounted = true;
        }
    }

    // The path is decoded once by the server, but for a slash.
    string KeyOf(HttpContext http) => Uri.UnescapeDataString(Target(http).Split('?')[0])[$"/{Bucket.Name}".Length..].TrimStart('/');

    static string Target(HttpContext http) => http.Features.Get<IHttpRequestFeature>()!.RawTarget;

    async Task PassAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        if (body.Length != (http.Request.ContentLength ?? 0))
            await RefuseAsync(http, 400, "IncompleteBody");
        else if (!S3Signature.IsRight(http.Request, Target(http)))
            await RefuseAsync(http, 403, "SignatureDoesNotMatch");
        else if (!S3Signature.IsOf(http.Request, body.ToArray()))
            await RefuseAsync(http, 400, "XAmzContentSHA256Mismatch");
        else if (http.Request.Headers["x-amz-checksum-crc32"] is [var told] && told != S3Signature.Crc32(body.ToArray()))
            await RefuseAsync(http, 400, "BadDigest");
        else if (_keepsConditions && http.Request.Headers.IfNoneMatch == "*")
            await PutOnceAsync(http, body.ToArray());
        else
            await ForwardAsync(http, body.ToArray());
    }

    async Task PutOnceAsync(HttpContext http, byte[] body)
    {
        var writing = _writing.GetOrAdd(Target(http), _ => new(1, 1));
        await writing.WaitAsync(http.RequestAborted);
        try
        {
            using var look = new HttpRequestMessage(HttpMethod.Head, At(http));
            using var found = await _http.SendAsync(look, http.RequestAborted);
            await (found.StatusCode == HttpStatusCode.OK ? RefuseAsync(http, 412, "PreconditionFailed") : ForwardAsync(http, body));
        }
        finally
        {
            writing.Release();
        }
    }

    async Task ForwardAsync(HttpContext http, byte[] body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), At(http)) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in http.Request.Headers)
        {
            if (name is "Host" or "Expect" or "Content-Length")
                continue;
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value))
                request.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
        }
        using var answer = await _http.SendAsync(request, http.RequestAborted);
        http.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (name is not ("Transfer-Encoding" or "Connection" or "Keep-Alive" or "Date"))
                http.Response.Headers[name] = values.ToArray();
        }
        if (!HttpMethods.IsHead(http.Request.Method))
            await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    // As it came: %25 is not to become something else on the way.
    Uri At(HttpContext http) =>
        new(_behind.GetLeftPart(UriPartial.Authority) + Target(http), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
}

/// <summary>A request to a bucket.</summary>
/// <param name="Method">GET, HEAD, PUT, DELETE.</param>
/// <param name="Key">The object's key; empty for the bucket itself.</param>
/// <param name="Status">What it was answered; 0 when whoever asked was gone.</param>
public sealed record S3Request(string Method, string Key, int Status);

/// <summary>What Amazon S3 computes of a request before it believes it: version 4 of its signature, and CRC-32.</summary>
static class S3Signature
{
    public static bool IsOf(HttpRequest request, byte[] body) =>
        request.Headers["x-amz-content-sha256"].ToString() is var payload && (payload == "UNSIGNED-PAYLOAD" || payload == Hex(SHA256.HashData(body)));

    public static bool IsRight(HttpRequest request, string target)
    {
        var parts = request.Headers.Authorization.ToString().Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)
            .Where(part => part.Contains('=', StringComparison.Ordinal)).ToDictionary(part => part.Split('=', 2)[0], part => part.Split('=', 2)[1]);
        var payload = request.Headers["x-amz-content-sha256"].ToString();
        if (!parts.TryGetValue("Credential", out var credential) || !credential.StartsWith($"{S3Server.AccessKey}/", StringComparison.Ordinal))
            return false;

        var (path, query) = target.Split('?', 2) is [var p, var q] ? (p, q) : (target, "");
        var sorted = string.Join('&', query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(one => one.Contains('=', StringComparison.Ordinal) ? one : $"{one}=").Order(StringComparer.Ordinal));
        var headers = parts["SignedHeaders"].Split(';');
        var canonical = new StringBuilder($"{request.Method}\n{path}\n{sorted}\n");
        foreach (var header in headers)
            canonical.Append(CultureInfo.InvariantCulture, $"{header}:{Squeezed(request.Headers[header].ToString())}\n");
        canonical.Append(CultureInfo.InvariantCulture, $"\n{parts["SignedHeaders"]}\n{payload}");

        var scope = credential.Split('/')[1..];
        var text = $"AWS4-HMAC-SHA256\n{request.Headers["x-amz-date"]}\n{string.Join('/', scope)}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())))}";
        var key = scope.Aggregate(Encoding.UTF8.GetBytes($"AWS4{S3Server.SecretKey}"), (so, part) => HMACSHA256.HashData(so, Encoding.UTF8.GetBytes(part)));
        return parts["Signature"] == Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
    }

    public static string Crc32(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
            crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        crc = ~crc;
        return Convert.ToBase64String([(byte)(crc >> 24), (byte)(crc >> 16), (byte)(crc >> 8), (byte)crc]);
    }

    static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(n =>
        Enumerable.Range(0, 8).Aggregate((uint)n, (crc, _) => (crc & 1) == 1 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1))];

    static string Squeezed(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
