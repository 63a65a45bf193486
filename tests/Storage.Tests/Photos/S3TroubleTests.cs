using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.Storage.Tests.Photos;

public sealed class S3TroubleTests(S3Server server) : IAsyncLifetime
{
    static readonly ObjectFacts Jpeg = new() { ContentType = "image/jpeg" };

    readonly List<IDisposable> _opened = [];
    S3Front _front = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string Host => _front.Bucket.Endpoint.Authority;

    public async ValueTask InitializeAsync() => _front = await S3Front.OpenAsync(await server.CreateBucketAsync());

    public async ValueTask DisposeAsync()
    {
        _opened.ForEach(store => store.Dispose());
        await _front.DisposeAsync();
    }

    [Theory]
    [InlineData("*", 403, "InvalidAccessKeyId", "HOST does not know the access key")]
    [InlineData("*", 403, "SignatureDoesNotMatch", "the secret key is not that of the access key")]
    [InlineData("*", 400, "ExpiredToken", "the credentials have expired")]
    [InlineData("*", 403, "RequestTimeTooSkewed", "the clock of this machine is wrong")]
    [InlineData("*", 301, "PermanentRedirect", "the bucket \"BUCKET\" is in another region than the one that is asked (settings Store:Region and Store:Endpoint, or AWS_REGION)")]
    [InlineData("*", 400, "AuthorizationHeaderMalformed", "the bucket \"BUCKET\" is in another region than the one that is asked (settings Store:Region and Store:Endpoint, or AWS_REGION)")]
    [InlineData("*", 503, "SlowDown", "HOST asks for fewer requests (SlowDown)")]
    [InlineData("*", 429, "TooManyRequests", "HOST asks for fewer requests (TooManyRequests)")]
    [InlineData("*", 500, "InternalError", "HOST answered 500 InternalError to an attempt to list in URL")]
    [InlineData("GET list", 403, "AccessDenied", "the credentials may not list in URL (AccessDenied)")]
    [InlineData("PUT", 403, "AccessDenied", "the credentials may not write in URL (AccessDenied)")]
    [InlineData("GET", 403, "AccessDenied", "the credentials may not read in URL (AccessDenied)")]
    [InlineData("DELETE", 403, "AccessDenied", "the credentials may not delete in URL (AccessDenied)")]
    public async Task A_store_that_cannot_be_used_is_refused_in_a_sentence_that_names_the_cause(string which, int status, string code, string cause)
    {
        _front.Fault = (http, pass) => which == "*" || which == Kind(http) ? S3Front.RefuseAsync(http, status, code) : pass();

        var refused = await Assert.ThrowsAsync<StoreUnusableException>(() => Open().CheckAsync(Cancellation));

        Assert.Equal(Sentence(cause), refused.Message);
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_is_named()
    {
        var refused = await Assert.ThrowsAsync<StoreUnusableException>(() => Open(o => o.Url = "s3://no-such-bucket/photos").CheckAsync(Cancellation));

        Assert.Equal(
            $"The photo store s3://no-such-bucket/photos (setting Store:Url, environment variable Store__Url) cannot be used: there is no bucket \"no-such-bucket\" at {Host}.",
            refused.Message);
    }

    [Fact]
    public async Task An_endpoint_that_nobody_listens_at_is_named()
    {
        using var nowhere = new ClosedPort();

        var refused = await Assert.ThrowsAsync<StoreUnusableException>(() => Open(o => o.Endpoint = nowhere.Url).CheckAsync(Cancellation));

        Assert.Contains($"cannot be used: {nowhere.Url[7..]} cannot be reached: Connection refused", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up_after_its_time()
    {
        var (asked, clock) = (0, new FakeTimeProvider());
        _front.Fault = (http, _) =>
        {
            Interlocked.Increment(ref asked);
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        };

        var checking = Open(o => (o.RequestTimeout, o.MaxTries) = (TimeSpan.FromHours(1), 2), clock).CheckAsync(Cancellation);
        await Eventually.IsAsync(1, () => Task.FromResult(Volatile.Read(ref asked)));
        clock.Advance(TimeSpan.FromHours(1));
        // The pause before the next try, however late that begins to wait.
        await Eventually.IsAsync(2, () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(Volatile.Read(ref asked));
        });
        clock.Advance(TimeSpan.FromHours(1));
        var refused = await Assert.ThrowsAsync<StoreUnusableException>(() => checking);

        Assert.Equal(Sentence("HOST did not answer within 01:00:00 to an attempt to list in URL"), refused.Message);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_website_that_is_no_S3_server_is_refused()
    {
        _front.Fault = (http, _) =>
        {
            http.Response.StatusCode = 404;
            return http.Response.WriteAsync("<html>Not here</html>");
        };

        var refused = await Assert.ThrowsAsync<StoreUnusableException>(() => Open().CheckAsync(Cancellation));

        Assert.Contains($"{Host} answered 404", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500, "InternalError")]
    [InlineData(503, "SlowDown")]
    [InlineData(0, "")]
    public async Task What_passes_by_itself_is_tried_three_times_and_noticed_by_nobody(int status, string code)
    {
        var failures = 0;
        _front.Fault = (http, pass) =>
        {
            if (failures++ >= 2)
                return pass();
            if (status > 0)
                return S3Front.RefuseAsync(http, status, code);
            http.Abort();
            return Task.CompletedTask;
        };

        Assert.Null(await Open().FindAsync(Some.Rendition(), Cancellation));
        Assert.Equal(3, failures);
    }

    [Fact]
    public async Task A_throttled_store_is_unusable_for_everybody_and_not_asked_on_and_on()
    {
        _front.Fault = (http, _) => S3Front.RefuseAsync(http, 503, "SlowDown");

        await Assert.ThrowsAsync<StoreUnusableException>(() => Open().FindAsync(Some.Rendition(), Cancellation));

        Assert.Equal(3, _front.Requests.Count);
    }

    [Fact]
    public async Task What_is_wrong_with_one_object_is_not_tried_again_and_is_thrown_as_its_own()
    {
        _front.Fault = (http, pass) => http.Request.Method == "PUT" ? S3Front.RefuseAsync(http, 400, "EntityTooLarge") : pass();

        var thrown = await Assert.ThrowsAsync<IOException>(() => Open().WriteOnceAsync(Some.Rendition(), new byte[1], Jpeg, Cancellation));

        Assert.Equal($"{Host} answered 400 EntityTooLarge to an attempt to write in {_front.Bucket.Url}", thrown.Message);
        Assert.Single(_front.Requests, r => r.Method == "PUT");
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_is_told_so_at_once()
    {
        _front.Fault = (http, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Open().FindAsync(Some.Rendition(), patience.Token));
    }

    [Fact]
    public async Task Only_so_many_requests_are_under_way_at_once()
    {
        var (now, most) = (0, 0);
        var (counting, all) = (new Lock(), new TaskCompletionSource());
        _front.Fault = async (_, pass) =>
        {
            lock (counting)
                most = Math.Max(most, ++now);
            if (most >= 4)
                all.TrySetResult();
            await all.Task;
            await pass();
            lock (counting)
                now--;
        };
        var store = Open(o => o.ConcurrentRequests = 4);

        await Task.WhenAll(Enumerable.Range(0, 40).Select(n => store.FindAsync(Some.Rendition($"p{n}"), Cancellation)));

        Assert.Equal(4, most);
    }

    IPhotoStore Open(Action<PhotoStoreOptions>? set = null, TimeProvider? time = null)
    {
        var options = new PhotoStoreOptions { Url = _front.Bucket.Url, Endpoint = _front.Bucket.Endpoint.ToString() };
        set?.Invoke(options);
        var store = PhotoStoreFactory.Open(options, time);
        _opened.Add((IDisposable)store);
        return store;
    }

    string Sentence(string cause) =>
        $"The photo store {_front.Bucket.Url} (setting Store:Url, environment variable Store__Url) cannot be used: {cause}."
            .Replace("HOST", Host, StringComparison.Ordinal)
            .Replace("BUCKET", _front.Bucket.Name, StringComparison.Ordinal)
            .Replace("in URL", $"in {_front.Bucket.Url}", StringComparison.Ordinal);

    static string Kind(HttpContext http) => http.Request.Query.ContainsKey("list-type") ? "GET list" : http.Request.Method;
}
