using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Amazon.S3;
using ImagePipeline.Storage.Photos;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.Benchmarks;

/// <summary>CPU of one PUT to S3: by the store, by the SDK as it comes, and of the bare bytes over HTTP. The server takes everything; it is a process of its own and not counted.</summary>
static class PutsBenchmark
{
    const int Rounds = 3;

    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new BenchmarkArguments(args);
        var (puts, bytes) = (arguments.Number("puts", 3_000), RandomNumberGenerator.GetBytes(arguments.Number("bytes", 150_000)));
        // Not looked at by that server.
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "none");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "none");
        using var server = Programs.Start("Benchmarks.dll", "puts-server");
        try
        {
            var address = await server.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server did not start.");
            var facts = new ObjectFacts { ContentType = "image/jpeg" };
            var store = PhotoStoreFactory.Open(new() { Url = "s3://benchmark", Endpoint = address });
            using var closing = (IDisposable)store;
            // It learns that the server keeps conditions, so that a write is one request.
            await store.CheckAsync(default);
            using var sdk = new AmazonS3Client(new AmazonS3Config { ServiceURL = address, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
            using var http = new HttpClient();
            (string Way, Func<int, Task> Put)[] ways =
            [
                ("the SDK's default", n => sdk.PutObjectAsync(new() { BucketName = "benchmark", Key = $"{n}", InputStream = new MemoryStream(bytes) })),
                ("S3PhotoStore", n => store.WriteOnceAsync($"benchmark/{n}", bytes, facts, default)),
                ("HttpClient", async n => (await http.PutAsync(new Uri($"{address}/benchmark/{n}"), new ReadOnlyMemoryContent(bytes))).Dispose()),
            ];
            for (var round = 0; round <= Rounds; round++)
            {
                foreach (var (way, put) in ways)
                {
                    var cpu = await MeasureAsync(put, round == 0 ? 300 : puts);
                    if (round > 0)
                        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {way,-18} | {cpu,6:f3} ms CPU a PUT |"));
                }
            }
            return 0;
        }
        finally
        {
            server.Kill();
        }
    }

    /// <summary>Answers every PUT with 200, one on condition at the second time with 412, and lists nothing, until it is killed.</summary>
    public static async Task<int> ServeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var app = builder.Build();
        (string Path, byte[] Bytes) check = ("", []);
        app.Run(async http =>
        {
            var path = http.Request.Path.Value!;
            if (http.Request.Method == "GET")
            {
                await (path == check.Path
                    ? http.Response.Body.WriteAsync(check.Bytes).AsTask()
                    : http.Response.Body.WriteAsync("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"u8.ToArray()).AsTask());
                return;
            }
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            if (!path.Contains("/.check/", StringComparison.Ordinal))
                return;
            if (path == check.Path)
                http.Response.StatusCode = http.Request.Method == "PUT" ? 412 : 204;
            else
                check = (path, body.ToArray());
        });
        await app.StartAsync();
        Console.WriteLine(app.Urls.Single());
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        return 0;
    }

    static async Task<double> MeasureAsync(Func<int, Task> put, int puts)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        await Parallel.ForEachAsync(Enumerable.Range(0, puts), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (n, _) => await put(n));
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalMilliseconds / puts;
    }
}
