using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Storage.Tests.Photos;

/// <summary>On a server that keeps conditions and checks signatures and checksums, as Amazon S3 does: what several writers are promised holds among all processes.</summary>
public sealed class S3OnConditionTests(S3Server server) : PhotoStoreConformance, IAsyncLifetime
{
    static readonly ObjectFacts Jpeg = new() { ContentType = "image/jpeg" };

    // No test needs more.
    readonly Stack<IPhotoStore> _ready = [];
    readonly List<IDisposable> _opened = [];
    S3Front _front = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _front = await S3Front.OpenAsync(await server.CreateBucketAsync());
        for (var n = 0; n < 6; n++)
        {
            var store = PhotoStoreFactory.Open(new PhotoStoreOptions { Url = $"{_front.Bucket.Url}/some prefix".Replace(' ', '~'), Endpoint = _front.Bucket.Endpoint.ToString() });
            _opened.Add((IDisposable)store);
            await store.CheckAsync(Cancellation);
            _ready.Push(store);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _opened.ForEach(store => store.Dispose());
        await _front.DisposeAsync();
    }

    [Fact]
    public async Task A_write_is_one_PUT_and_nothing_else()
    {
        var before = _front.Requests.Count;

        await Open().WriteOnceAsync(Some.Rendition(), new byte[100_000], Jpeg with { Record = "mark" }, Cancellation);

        Assert.Equal(["PUT"], _front.Requests.Skip(before).Select(r => r.Method));
    }

    [Theory]
    [InlineData("a key with spaces+plus%percent/slash?query#fragment&\"'<>")]
    [InlineData("..")]
    [InlineData("../../etc/passwd")]
    [InlineData("gr\u00fcn \U0001F3E1 \u5bb6")]
    [InlineData("%2e%2e%2F")]
    [InlineData("urn:mls:photo;a=b,c")]
    public async Task Whatever_a_feed_calls_a_photo_is_signed_stored_listed_and_deleted(string name)
    {
        var store = Open();
        var key = StoreKeys.Original("feed", name, name, name);

        Assert.True(await store.WriteOnceAsync(key, new byte[] { 1 }, Jpeg with { Record = "two  spaces, \"quotes\" and ~" }, Cancellation));

        Assert.Equal([1], await store.ReadAsync(key, Cancellation));
        Assert.Equal("two  spaces, \"quotes\" and ~", (await store.FindAsync(key, Cancellation))!.Record);
        Assert.Equal([key], await KeysAsync(store, StoreKeys.OriginalsOf("feed", name)));
        await store.DeleteAsync(key, Cancellation);
        Assert.Empty(await KeysAsync(store, ""));
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_is_known_as_its_own()
    {
        var store = Open();
        _front.Fault = async (http, pass) =>
        {
            _front.Fault = null;
            await pass();
            http.Abort();
        };

        Assert.True(await store.WriteOnceAsync(Some.Rendition(), Some.Bytes(7), Jpeg with { Record = "mark" }, Cancellation));
        Assert.False(await store.WriteOnceAsync(Some.Rendition(), Some.Bytes(7), Jpeg with { Record = "mark" }, Cancellation));
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_is_not_taken_for_that_of_another()
    {
        var (mine, another) = (Open(), Open());
        _front.Fault = async (http, _) =>
        {
            _front.Fault = null;
            await another.WriteOnceAsync(Some.Rendition(), Some.Bytes(8), Jpeg, Cancellation);
            http.Abort();
        };

        Assert.False(await mine.WriteOnceAsync(Some.Rendition(), Some.Bytes(7), Jpeg, Cancellation));
        Assert.Equal(Some.Bytes(8), await mine.ReadAsync(Some.Rendition(), Cancellation));
    }

    [Fact]
    public async Task A_write_that_met_a_deletion_is_made_again()
    {
        var store = Open();
        var conflicts = 0;
        _front.Fault = (http, pass) => conflicts++ < 3 ? S3Front.RefuseAsync(http, 409, "ConditionalRequestConflict") : pass();

        Assert.True(await store.WriteOnceAsync(Some.Rendition(), new byte[1], Jpeg, Cancellation));
    }

    [Fact]
    public async Task A_server_that_refuses_conditions_is_not_sent_them_again()
    {
        _front.Fault = (http, pass) => http.Request.Headers.IfNoneMatch.Count > 0 ? S3Front.RefuseAsync(http, 501, "NotImplemented") : pass();
        using var store = (S3PhotoStore)PhotoStoreFactory.Open(new PhotoStoreOptions { Url = _front.Bucket.Url, Endpoint = _front.Bucket.Endpoint.ToString() });

        await store.CheckAsync(Cancellation);
        var before = _front.Requests.Count;

        Assert.True(await store.WriteOnceAsync(Some.Rendition(), new byte[] { 1 }, Jpeg, Cancellation));
        Assert.False(await store.WriteOnceAsync(Some.Rendition(), new byte[] { 2 }, Jpeg, Cancellation));
        Assert.DoesNotContain(_front.Requests.Skip(before), r => r.Status == 501);
    }

    [Fact]
    public async Task Bytes_that_were_changed_on_their_way_to_the_server_are_sent_again()
    {
        var spoiled = 0;
        _front.Fault = async (http, pass) =>
        {
            if (http.Request.Method == "PUT" && spoiled++ == 0)
                http.Request.Body = new SpoilingStream(http.Request.Body);
            await pass();
        };

        Assert.True(await Open().WriteOnceAsync(Some.Rendition(), Some.Bytes(3), Jpeg, Cancellation));

        Assert.True(spoiled > 1);
        Assert.Equal(Some.Bytes(3), await Open().ReadAsync(Some.Rendition(), Cancellation));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task Bytes_that_were_changed_on_their_way_back_are_read_again_and_never_handed_on(int times)
    {
        await Open().WriteOnceAsync(Some.Rendition(), Some.Bytes(3), Jpeg, Cancellation);
        _front.Fault = async (http, pass) =>
        {
            if (times-- > 0)
                http.Response.Body = new SpoilingStream(http.Response.Body);
            await pass();
        };

        if (times < 3)
            Assert.Equal(Some.Bytes(3), await Open().ReadAsync(Some.Rendition(), Cancellation));
        else
            await Assert.ThrowsAsync<IOException>(() => Open().ReadAsync(Some.Rendition(), Cancellation));
    }

    [Fact]
    public async Task An_answer_that_does_not_announce_its_length_is_read_to_its_end()
    {
        await Open().WriteOnceAsync(Some.Rendition(), Some.Bytes(3), Jpeg, Cancellation);
        _front.Fault = (http, pass) =>
        {
            http.Response.OnStarting(() =>
            {
                http.Response.Headers.ContentLength = null;
                return Task.CompletedTask;
            });
            return pass();
        };

        Assert.Equal(Some.Bytes(3), await Open().ReadAsync(Some.Rendition(), Cancellation));
    }

    protected override IPhotoStore Open() => _ready.Pop();

    static async Task<List<string>> KeysAsync(IPhotoStore store, string prefix)
    {
        var keys = new List<string>();
        await foreach (var key in store.ListAsync(prefix, Cancellation))
            keys.Add(key);
        return keys;
    }

    // Changes the first byte of each piece.
    sealed class SpoilingStream(Stream stream) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => stream.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => stream.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await stream.ReadAsync(buffer, cancellationToken);
            if (read > 0)
                buffer.Span[0] ^= 0xFF;
            return read;
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var spoiled = buffer.ToArray();
            if (spoiled.Length > 0)
                spoiled[0] ^= 0xFF;
            await stream.WriteAsync(spoiled, cancellationToken);
        }
    }
}
