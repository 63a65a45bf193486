using System.Diagnostics.Metrics;

namespace ImagePipeline.Storage.Photos;

/// <summary>Counts what is written to a store: on S3 each write is money.</summary>
public sealed class MeteredPhotoStore(IPhotoStore store, IMeterFactory meters) : IPhotoStore, IDisposable
{
    readonly Counter<long> _puts = meters.Create("ImagePipeline.Storage").CreateCounter<long>(
        "imagepipe.store.puts", "{object}", "Objects written");

    readonly Counter<long> _bytes = meters.Create("ImagePipeline.Storage").CreateCounter<long>(
        "imagepipe.store.bytes", "By", "Bytes written");

    /// <inheritdoc />
    public async Task<bool> WriteOnceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation)
    {
        var written = await store.WriteOnceAsync(key, bytes, facts, cancellation);
        if (written)
            Count(bytes.Length);
        return written;
    }

    /// <inheritdoc />
    public async Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation)
    {
        await store.ReplaceAsync(key, bytes, facts, cancellation);
        Count(bytes.Length);
    }

    /// <inheritdoc />
    public Task<ObjectFacts?> FindAsync(string key, CancellationToken cancellation) => store.FindAsync(key, cancellation);

    /// <inheritdoc />
    public Task<byte[]?> ReadAsync(string key, CancellationToken cancellation) => store.ReadAsync(key, cancellation);

    /// <inheritdoc />
    public Task DeleteAsync(string key, CancellationToken cancellation) => store.DeleteAsync(key, cancellation);

    /// <inheritdoc />
    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => store.ListAsync(prefix, cancellation);

    /// <inheritdoc />
    public Task CheckAsync(CancellationToken cancellation) => store.CheckAsync(cancellation);

    /// <inheritdoc />
    public void Dispose() => (store as IDisposable)?.Dispose();

    void Count(int bytes)
    {
        _puts.Add(1);
        _bytes.Add(bytes);
    }
}
