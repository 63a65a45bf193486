namespace ImagePipeline.Storage.Photos;

/// <summary>
/// Where photos, renditions and manifests are kept: a folder or a bucket. An object appears whole or not at all, under its key, and a
/// reader never sees half of one. Keys are made by <see cref="StoreKeys"/>; anything else is refused with an
/// <see cref="ArgumentException"/>. Safe for concurrent use, by many processes too.
/// </summary>
public interface IPhotoStore
{
    /// <summary>What is known of an object without reading it: one look-up; null when there is no such object.</summary>
    Task<ObjectFacts?> FindAsync(string key, CancellationToken cancellation);

    /// <summary>The bytes of an object; null when there is no such object.</summary>
    Task<byte[]?> ReadAsync(string key, CancellationToken cancellation);

    /// <summary>
    /// Stores an object unless its key is taken: what is stored is never overwritten. True when it was written now, false when it was
    /// there already. When this returns the object, and its facts, are readable by every process; of several writers of one key exactly
    /// one is told true, and bytes and facts are both its own.
    /// </summary>
    Task<bool> WriteOnceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation);

    /// <summary>
    /// Stores an object in place of whatever its key holds; only for the few keys that mean "the latest". Such an object has no record:
    /// one that has is refused with an <see cref="ArgumentException"/>, because readers could see it beside the bytes of another.
    /// </summary>
    Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation);

    /// <summary>Deletes an object with its facts; nothing happens when there is none.</summary>
    Task DeleteAsync(string key, CancellationToken cancellation);

    /// <summary>
    /// The keys of all objects that start with <paramref name="prefix"/>, a whole number of parts ending in a slash, or empty for the
    /// whole store; in no order. Objects that come or go meanwhile may be among them or not.
    /// </summary>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation);

    /// <summary>
    /// Proves by writing, reading and deleting a small object that the store can be used, and clears away what processes that were killed
    /// have left in it. Each host calls this as it starts.
    /// </summary>
    /// <exception cref="StoreUnusableException">It cannot be used; the message is a sentence naming the store and the cause.</exception>
    Task CheckAsync(CancellationToken cancellation);
}
