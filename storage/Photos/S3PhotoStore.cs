using System.Buffers.Binary;
using System.IO.Hashing;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Amazon.S3;
using Amazon.S3.Model;

namespace ImagePipeline.Storage.Photos;

/// <summary>
/// A photo store in a bucket of Amazon S3 or of another server that speaks its protocol. Each object is one PUT, with its record in its metadata, so it is
/// there whole or not at all. What is written once is written on the condition that nothing is there. A server that ignores the condition is found out by
/// <see cref="CheckAsync"/>: there each write is preceded by a look, which within one process is as good; of two processes that write one key in the
/// same moment both may be told true, and one of the two objects, whole, is what stays.
/// </summary>
public sealed class S3PhotoStore : IPhotoStore, IDisposable
{
    const string Record = "record";

    // No key begins so: these objects are in no list.
    const string CheckFolder = ".check/";

    // What a process that was killed has left; none checks for so long.
    static readonly TimeSpan LeftBehind = TimeSpan.FromDays(1);

    const int MaxConflicts = 5;

    // Writers of one key in this process, through whichever instance, where the server does not tell them apart.
    static readonly SemaphoreSlim[] OneAtATime = [.. Enumerable.Range(0, 256).Select(_ => new SemaphoreSlim(1, 1))];

    readonly S3Client _client;
    readonly S3Address _address;
    readonly S3Requests _requests;
    readonly PhotoStoreOptions _options;
    readonly TimeProvider _time;

    // What the server makes of a PUT on condition; a server that was not asked yet is sent it, and not trusted.
    volatile Condition _condition = Condition.Unknown;

    internal S3PhotoStore(S3Address address, PhotoStoreOptions options, TimeProvider time)
    {
        (_address, _options, _time) = (address, options, time);
        _client = new S3Client(options);
        _requests = new S3Requests(_client, address, options, time);
    }

    /// <summary>The server, and what <see cref="CheckAsync"/> has found out of it, for a person.</summary>
    public string Server => _condition switch
    {
        Condition.Unknown => _client.Host,
        Condition.Kept => $"{_client.Host}, which keeps conditions on writes",
        _ => $"{_client.Host}, which keeps no conditions on writes (of two processes that write one object in the same moment both may believe it theirs)",
    };

    /// <inheritdoc/>
    /// <remarks>Where the credentials may not list the bucket, the server says 403 instead of 404: <see cref="CheckAsync"/> finds that out.</remarks>
    public async Task<ObjectFacts?> FindAsync(string key, CancellationToken cancellation)
    {
        var request = new GetObjectMetadataRequest { BucketName = _address.Bucket, Key = NameOf(key) };
        return await _requests.SendAsync("read", async (s3, _, c) =>
        {
            try
            {
                var head = await s3.GetObjectMetadataAsync(request, c);
                return new ObjectFacts { ContentType = head.Headers.ContentType, Record = head.Metadata[Record], Bytes = head.ContentLength };
            }
            catch (AmazonS3Exception none) when (IsNone(none))
            {
                return null;
            }
        }, cancellation);
    }

    /// <inheritdoc/>
    public async Task<byte[]?> ReadAsync(string key, CancellationToken cancellation)
    {
        var name = NameOf(key);
        return await _requests.SendAsync("read", async (s3, _, c) =>
        {
            try
            {
                return await GetAsync(s3, name, c);
            }
            catch (AmazonS3Exception none) when (IsNone(none))
            {
                return null;
            }
        }, cancellation);
    }

    /// <inheritdoc/>
    public async Task<bool> WriteOnceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(facts);
        facts.EnsureStorable();
        var name = NameOf(key);
        if (_condition == Condition.Kept)
            return await PutOnceAsync(key, bytes, facts, cancellation);

        var turn = OneAtATime[(uint)HashCode.Combine(_address.Bucket, name) % OneAtATime.Length];
        await turn.WaitAsync(cancellation);
        try
        {
            return await FindAsync(key, cancellation) is null && await PutOnceAsync(key, bytes, facts, cancellation);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public async Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (facts.Record is not null)
            throw new ArgumentException("An object that is replaced has no record.", nameof(facts));
        var name = NameOf(key);
        await _requests.SendAsync("write", (s3, _, c) => s3.PutObjectAsync(Put(name, bytes, facts, _options.LatestCacheControl), c), cancellation);
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string key, CancellationToken cancellation) => await DeleteNamedAsync(NameOf(key), cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        StoreKeys.EnsurePrefix(prefix);
        await foreach (var found in ListNamedAsync(prefix, cancellation))
        {
            // What others have put beside it is none of ours.
            if (found.Key[_address.Prefix.Length..] is var key && StoreKeys.IsKey(key))
                yield return key;
        }
    }

    /// <inheritdoc/>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        try
        {
            var name = $"{_address.Prefix}{CheckFolder}{Guid.NewGuid():N}";
            // First, because its refusal comes with its reason, which that of a HEAD does not.
            await foreach (var left in ListNamedAsync(CheckFolder, cancellation))
            {
                if (left.LastModified?.ToUniversalTime() < _time.GetUtcNow().UtcDateTime - LeftBehind)
                    await DeleteNamedAsync(left.Key, cancellation);
            }
            var written = await TryConditionAsync(name, cancellation);
            var read = await _requests.SendAsync("read", (s3, _, c) => GetAsync(s3, name, c), cancellation);
            await DeleteNamedAsync(name, cancellation);
            if (!read.SequenceEqual(written))
                throw new IOException("what was written there reads back differently");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw _requests.Trouble.Unusable(e.Message, e);
        }
    }

    /// <summary>Closes its connections.</summary>
    public void Dispose()
    {
        _requests.Dispose();
        _client.Dispose();
    }

    // Whole, and as its checksum says: the SDK compares the two at the end, beyond which nothing may come.
    async Task<byte[]> GetAsync(AmazonS3Client s3, string name, CancellationToken cancellation)
    {
        var request = new GetObjectRequest { BucketName = _address.Bucket, Key = name, ChecksumMode = ChecksumMode.ENABLED };
        using var answer = await s3.GetObjectAsync(request, cancellation);
        if (answer.ContentLength <= 0)
        {
            // Empty; or of a length that was not announced, and then the protocol itself tells where it ends.
            using var all = new MemoryStream();
            await answer.ResponseStream.CopyToAsync(all, cancellation);
            return all.ToArray();
        }
        var bytes = new byte[answer.ContentLength];
        await answer.ResponseStream.ReadExactlyAsync(bytes, cancellation);
        return await answer.ResponseStream.ReadAsync(new byte[1], cancellation) == 0 ? bytes : throw new IOException("more came than was announced");
    }

    async Task<bool> PutOnceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation)
    {
        for (var conflicts = 0; ; conflicts++)
        {
            var tries = 0;
            var answer = await _requests.SendAsync("write", (s3, attempt, c) =>
            {
                tries = attempt;
                return PutOnceAsync(s3, NameOf(key), bytes, facts, c);
            }, cancellation);
            switch (answer)
            {
                case PutAnswer.Written:
                    return true;
                case PutAnswer.Taken:
                    // The answer to an earlier try may have been lost, and it is our own that is there.
                    return tries > 1 && await IsAsync(key, bytes, facts, cancellation);
                case PutAnswer.Refused:
                    _condition = Condition.Refused;
                    break;
                case PutAnswer.Conflict when conflicts >= MaxConflicts:
                    throw new IOException($"{_address} is being written and deleted all the time at {key}");
            }
        }
    }

    async Task<PutAnswer> PutOnceAsync(AmazonS3Client s3, string name, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation)
    {
        var request = Put(name, bytes, facts, _options.CacheControl);
        if (_condition != Condition.Refused)
            request.IfNoneMatch = "*";
        try
        {
            await s3.PutObjectAsync(request, cancellation);
            return PutAnswer.Written;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            return PutAnswer.Taken;
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "ConditionalRequestConflict")
        {
            return PutAnswer.Conflict;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotImplemented && request.IfNoneMatch is not null)
        {
            return PutAnswer.Refused;
        }
    }

    PutObjectRequest Put(string name, ReadOnlyMemory<byte> bytes, ObjectFacts facts, string? cacheControl)
    {
        var request = new PutObjectRequest
        {
            BucketName = _address.Bucket,
            Key = name,
            InputStream = StreamOf(bytes),
            ContentType = facts.ContentType == MediaTypes.Unknown ? MediaTypes.OfBytes(bytes.Span) : facts.ContentType,
            // In chunks each would be hashed and signed by itself, at twice the CPU for the whole request.
            UseChunkEncoding = false,
            // The checksum is enough then.
            DisablePayloadSigning = _client.IsEncrypted && _client.SendsChecksums,
        };
        // Computed here, with the processor's own instructions: the SDK's computation took more CPU than all the rest of the request.
        if (_client.SendsChecksums)
            request.ChecksumCRC32 = Crc32Of(bytes.Span);
        if (!string.IsNullOrEmpty(cacheControl))
            request.Headers.CacheControl = cacheControl;
        if (facts.Record is not null)
            request.Metadata[Record] = facts.Record;
        return request;
    }

    static string Crc32Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> crc = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(crc, Crc32.HashToUInt32(bytes));
        return Convert.ToBase64String(crc);
    }

    // The bytes themselves, not a copy of them.
    static Stream StreamOf(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var array)
        ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
        : new MemoryReader(bytes);

    async Task<bool> IsAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation) =>
        await ReadAsync(key, cancellation) is { } there && bytes.Span.SequenceEqual(there) && (await FindAsync(key, cancellation))?.Record == facts.Record;

    // Written twice: what the second makes of it tells whether the condition holds here.
    async Task<byte[]> TryConditionAsync(string name, CancellationToken cancellation)
    {
        var (first, second) = (Guid.NewGuid().ToByteArray(), Guid.NewGuid().ToByteArray());
        if (await TryPutAsync(first) == PutAnswer.Refused)
        {
            _condition = Condition.Refused;
            await TryPutAsync(first);
            return first;
        }
        var isKept = await TryPutAsync(second) == PutAnswer.Taken;
        _condition = isKept ? Condition.Kept : Condition.Ignored;
        return isKept ? first : second;

        async Task<PutAnswer> TryPutAsync(byte[] bytes) =>
            await _requests.SendAsync("write", (s3, _, c) => PutOnceAsync(s3, name, bytes, new ObjectFacts { ContentType = MediaTypes.Unknown }, c), cancellation);
    }

    async Task DeleteNamedAsync(string name, CancellationToken cancellation) => await _requests.SendAsync("delete", async (s3, _, c) =>
    {
        try
        {
            await s3.DeleteObjectAsync(_address.Bucket, name, c);
            return true;
        }
        catch (AmazonS3Exception none) when (IsNone(none))
        {
            return false;
        }
    }, cancellation);

    async IAsyncEnumerable<S3Object> ListNamedAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var request = new ListObjectsV2Request { BucketName = _address.Bucket, Prefix = _address.Prefix + prefix };
        do
        {
            var page = await _requests.SendAsync("list", (s3, _, c) => s3.ListObjectsV2Async(request, c), cancellation);
            foreach (var found in page.S3Objects ?? [])
                yield return found;
            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    string NameOf(string key) => StoreKeys.IsKey(key)
        ? _address.Prefix + key
        : throw new ArgumentException($"Not a key of the photo store: \"{key}\".", nameof(key));

    static bool IsNone(AmazonS3Exception e) => e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket";

    enum Condition
    {
        Unknown,
        Kept,
        Ignored,
        Refused,
    }

    enum PutAnswer
    {
        Written,
        Taken,
        Conflict,
        Refused,
    }
}
