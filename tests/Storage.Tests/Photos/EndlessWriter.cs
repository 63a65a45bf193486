using ImagePipeline.Storage.Photos;

namespace ImagePipeline.Storage.Tests.Photos;

/// <summary>What <see cref="KilledWriterTests"/> starts in another process and kills. It is explicit: nothing else runs it.</summary>
public sealed class EndlessWriter
{
    /// <summary>The environment variable that names the store's folder.</summary>
    public const string StoreVariable = "IMAGEPIPE_TEST_KILLED_STORE";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Writes_until_it_is_killed()
    {
        using var store = new FilePhotoStore(Environment.GetEnvironmentVariable(StoreVariable)!);
        // Should the test itself be killed, the pipe closes, and this ends too. (The console reads on the caller's thread, async or not.)
        var abandoned = Task.Run(Console.In.ReadToEnd, Cancellation);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var n = writer; !abandoned.IsCompleted; n += 4)
            {
                var key = Some.Rendition($"{n % 60}");
                await store.WriteOnceAsync(key, Some.Bytes(n), new ObjectFacts { ContentType = "image/jpeg", Record = "mark" }, Cancellation);
                await store.ReplaceAsync(Some.Manifest(), Some.Bytes(n), new ObjectFacts { ContentType = "application/json" }, Cancellation);
                if (n % 3 == 0)
                    await store.DeleteAsync(key, Cancellation);
                Console.WriteLine($"wrote {n}");
            }
        }, Cancellation)));
    }
}
