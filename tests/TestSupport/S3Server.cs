using System.Diagnostics;
using System.Security.Cryptography;
using ImagePipeline.TestSupport.Servers;

namespace ImagePipeline.TestSupport;

/// <summary>
/// A server that speaks S3, for one test process: fauxqs on Node.js, installed into the build's own folder by <c>npm ci</c> when it is first needed. It
/// checks neither signatures nor checksums nor conditions; <see cref="S3Front"/> does, before it. An assembly fixture:
/// <code>[assembly: AssemblyFixture(typeof(S3Server))]</code>
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    /// <summary>What requests have to be signed with: found by the SDK in the environment, of this process and of those it starts.</summary>
    public const string AccessKey = "test-access-key";

    /// <summary>The secret that belongs to <see cref="AccessKey"/>.</summary>
    public const string SecretKey = "test-secret-key";

    readonly ServerSearch<FoundServer> _server = new("fauxqs, an S3 server", OnNodeJs);
    readonly HttpClient _http = new();
    int _buckets;

    /// <summary>A server whose processes know only the credentials of these tests, whoever runs them.</summary>
    public S3Server()
    {
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", SecretKey);
        foreach (var variable in (string[])["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
            Environment.SetEnvironmentVariable(variable, "/none");
        // No search for a role of this machine, which takes seconds.
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
        foreach (var variable in (string[])["AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION"])
            Environment.SetEnvironmentVariable(variable, null);
    }

    /// <summary>Makes an empty bucket for one test.</summary>
    public async Task<S3Bucket> CreateBucketAsync()
    {
        var bucket = new S3Bucket(new Uri((await _server.GetAsync()).Address), $"test-{Interlocked.Increment(ref _buckets)}");
        (await _http.PutAsync(new Uri(bucket.Endpoint, bucket.Name), content: null)).EnsureSuccessStatusCode();
        return bucket;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    static async Task<FoundServer> OnNodeJs()
    {
        var (node, npm) = await NodeJs.FindAsync();
        var folder = await InstallAsync(npm);
        var running = Process.Start(new ProcessStartInfo(node, ["server.mjs"])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var complained = running.StandardError.ReadToEndAsync();
        if (await running.StandardOutput.ReadLineAsync() is not { } port)
            throw new NoServerException($"fauxqs does not start: {(await complained).Trim().ReplaceLineEndings(" / ")}");
        return new FoundServer($"http://127.0.0.1:{port}/", async () =>
        {
            running.StandardInput.Close();
            await running.WaitForExitAsync();
            running.Dispose();
        });
    }

    // Once for each lock file: what another run has installed is used, and of two that install at once the second finds the first one's.
    static async Task<string> InstallAsync(string npm)
    {
        var from = new DirectoryInfo(Path.Combine(AppContext.BaseDirectory, "Servers", "fauxqs"));
        var files = from.GetFiles();
        var hash = SHA256.HashData([.. files.OrderBy(f => f.Name, StringComparer.Ordinal).SelectMany(f => File.ReadAllBytes(f.FullName))]);
        // Beside the build's own output: artifacts/bin/PROJECT/release.
        var home = Directory.CreateDirectory(Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../fauxqs"))).FullName;
        var installed = Path.Combine(home, Convert.ToHexStringLower(hash.AsSpan(0, 8)));
        if (Directory.Exists(installed))
            return installed;
        var draft = Directory.CreateDirectory($"{installed}-{Guid.NewGuid():N}");
        try
        {
            foreach (var file in files)
                file.CopyTo(Path.Combine(draft.FullName, file.Name));
            await NodeJs.InstallAsync(npm, draft.FullName);
            draft.MoveTo(installed);
        }
        catch (IOException) when (Directory.Exists(installed))
        {
            draft.Delete(recursive: true);
        }
        return installed;
    }
}

/// <summary>A bucket, and the server it is on.</summary>
public sealed record S3Bucket(Uri Endpoint, string Name)
{
    /// <summary>The setting <c>Store:Url</c>.</summary>
    public string Url => $"s3://{Name}";

    /// <summary>What a process of the product has to be told to keep its photos here.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["Store__Url"] = Url,
        ["Store__Endpoint"] = Endpoint.ToString(),
        ["AWS_ACCESS_KEY_ID"] = S3Server.AccessKey,
        ["AWS_SECRET_ACCESS_KEY"] = S3Server.SecretKey,
    };
}
