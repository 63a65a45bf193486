using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Storage.Tests.Photos;

/// <summary>On a server that ignores conditions: what several writers are promised holds within one process.</summary>
public sealed class S3PhotoStoreTests(S3Server server) : PhotoStoreConformance, IAsyncLifetime
{
    static readonly ObjectFacts Jpeg = new() { ContentType = "image/jpeg" };

    readonly List<IDisposable> _opened = [];
    S3Bucket _bucket = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bucket = await server.CreateBucketAsync();

    public ValueTask DisposeAsync()
    {
        _opened.ForEach(store => store.Dispose());
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Two_prefixes_of_a_bucket_are_two_stores()
    {
        var (one, another, whole) = (Open("/one"), Open("/another/deep/"), Open());
        await one.WriteOnceAsync(Some.Rendition(), new byte[] { 1 }, Jpeg, Cancellation);
        await another.WriteOnceAsync(Some.Rendition(), new byte[] { 2 }, Jpeg, Cancellation);

        Assert.Equal([1], await one.ReadAsync(Some.Rendition(), Cancellation));
        Assert.Equal([$"another/deep/{Some.Rendition()}", $"one/{Some.Rendition()}"], (await KeysAsync(whole)).Order());
        Assert.Equal([Some.Rendition()], await KeysAsync(one));
    }

    [Fact]
    public async Task A_list_goes_on_where_the_server_ends_its_page()
    {
        var store = Open();
        var keys = Enumerable.Range(0, 1_005).Select(n => StoreKeys.Original("feed", "listing", $"photo {n}", "v")).ToList();
        await Parallel.ForEachAsync(keys, Cancellation, async (key, c) => await store.WriteOnceAsync(key, new byte[1], Jpeg, c));

        Assert.Equal(keys.Order(StringComparer.Ordinal), (await KeysAsync(store)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_original_of_a_type_that_nobody_told_is_served_as_what_it_is()
    {
        await Open().WriteOnceAsync(Some.Original(), new byte[] { 0xFF, 0xD8, 0xFF, 0xE0 }, new() { ContentType = "application/octet-stream" }, Cancellation);

        Assert.Equal(Jpeg with { Bytes = 4 }, await Open().FindAsync(Some.Original(), Cancellation));
    }

    [Fact]
    public async Task What_never_changes_may_be_cached_for_ever_and_the_latest_is_asked_for_each_time()
    {
        var store = Open();
        await store.WriteOnceAsync(Some.Rendition(), new byte[1], Jpeg, Cancellation);
        await store.ReplaceAsync(Some.Manifest(), new byte[1], new() { ContentType = "application/json" }, Cancellation);

        Assert.Equal("public, max-age=31536000, immutable", await CacheControlAsync(Some.Rendition()));
        Assert.Equal("no-cache", await CacheControlAsync(Some.Manifest()));
    }

    [Fact]
    public async Task Cache_headers_are_those_that_were_set_or_none()
    {
        var store = Open(set: options => (options.CacheControl, options.LatestCacheControl) = ("private, max-age=60", ""));
        await store.WriteOnceAsync(Some.Rendition(), new byte[1], Jpeg, Cancellation);
        await store.ReplaceAsync(Some.Manifest(), new byte[1], new() { ContentType = "application/json" }, Cancellation);

        Assert.Equal("private, max-age=60", await CacheControlAsync(Some.Rendition()));
        Assert.Null(await CacheControlAsync(Some.Manifest()));
    }

    [Fact]
    public async Task A_check_clears_away_what_one_that_was_killed_has_left()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var http = new HttpClient();
        (await http.PutAsync(new Uri(_bucket.Endpoint, $"{_bucket.Name}/.check/left"), new ByteArrayContent(new byte[1]), Cancellation)).EnsureSuccessStatusCode();

        await Open(time: clock).CheckAsync(Cancellation);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await http.GetAsync(new Uri(_bucket.Endpoint, $"{_bucket.Name}/.check/left"), Cancellation)).StatusCode);
        clock.Advance(TimeSpan.FromDays(2));
        await Open(time: clock).CheckAsync(Cancellation);

        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await http.GetAsync(new Uri(_bucket.Endpoint, $"{_bucket.Name}/.check/left"), Cancellation)).StatusCode);
    }

    protected override IPhotoStore Open() => Open("");

    IPhotoStore Open(string prefix = "", Action<PhotoStoreOptions>? set = null, TimeProvider? time = null)
    {
        var options = new PhotoStoreOptions { Url = _bucket.Url + prefix, Endpoint = _bucket.Endpoint.ToString() };
        set?.Invoke(options);
        var store = PhotoStoreFactory.Open(options, time);
        _opened.Add((IDisposable)store);
        return store;
    }

    async Task<string?> CacheControlAsync(string key)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(_bucket.Endpoint, $"{_bucket.Name}/{StoreKeys.UrlPath(key)}"), Cancellation);
        answer.EnsureSuccessStatusCode();
        return answer.Headers.NonValidated.TryGetValues("Cache-Control", out var values) ? values.ToString() : null;
    }

    static async Task<List<string>> KeysAsync(IPhotoStore store)
    {
        var keys = new List<string>();
        await foreach (var key in store.ListAsync("", Cancellation))
            keys.Add(key);
        return keys;
    }
}
