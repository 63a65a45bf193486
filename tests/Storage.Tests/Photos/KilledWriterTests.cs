using System.Diagnostics;
using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Storage.Tests.Photos;

public sealed class KilledWriterTests : IDisposable
{
    readonly TempFolder _folder = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_writer_that_is_killed_leaves_whole_objects_and_after_the_next_start_nothing_else()
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        for (var kill = 0; kill < 5; kill++)
        {
            await WriteAndKillAsync(random.Next(1, 200));

            using var store = new FilePhotoStore(_folder.Path);
            await foreach (var key in store.ListAsync("", Cancellation))
                await AssertWholeAsync(store, key);
            await store.CheckAsync(Cancellation);
            AssertNothingStray($"seed {seed}, kill {kill}");
        }
    }

    async Task WriteAndKillAsync(int afterWrites)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Storage.Tests"))
        {
            ArgumentList = { "-noColor", "-explicit", "only", "-method", $"{typeof(EndlessWriter).FullName}.*" },
            Environment = { [EndlessWriter.StoreVariable] = _folder.Path },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var writer = Process.Start(start)!;
        try
        {
            for (var wrote = 0; wrote < afterWrites;)
            {
                var line = await writer.StandardOutput.ReadLineAsync(Cancellation);
                Assert.NotNull(line);
                Assert.DoesNotContain("[FAIL]", line, StringComparison.Ordinal);
                wrote += line.StartsWith("wrote ", StringComparison.Ordinal) ? 1 : 0;
            }
        }
        finally
        {
            writer.Kill();
            await writer.WaitForExitAsync(Cancellation);
        }
    }

    static async Task AssertWholeAsync(FilePhotoStore store, string key)
    {
        var bytes = await store.ReadAsync(key, Cancellation);
        Assert.NotNull(bytes);
        Assert.Equal(Some.Bytes(bytes[0]), bytes);
        Assert.Equal(key == Some.Manifest() ? null : "mark", (await store.FindAsync(key, Cancellation))!.Record);
    }

    void AssertNothingStray(string when)
    {
        foreach (var path in Directory.EnumerateFiles(_folder.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        {
            var (name, folder) = (Path.GetFileName(path), Path.GetDirectoryName(path)!);
            if (folder.StartsWith(_folder[".tmp"], StringComparison.Ordinal))
                Assert.True(name is "start.lock" or "owner.lock" || folder == _folder[".tmp/locks"], $"{when}: {path}");
            else if (path == _folder[".store"])
                continue;
            else if (name[0] == '.')
                Assert.True(File.Exists(Path.Combine(folder, name[1..^".meta".Length])), $"{when}: {path} without its object");
            else
                Assert.True(File.Exists(Path.Combine(folder, $".{name}.meta")) || name == "latest.json", $"{when}: {path} without its facts");
        }
        Assert.Single(Directory.EnumerateDirectories(_folder[".tmp/writers"]));
    }
}
