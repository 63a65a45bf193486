using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Fetching;
using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

public sealed class RateLimitTests
{
    readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task A_photo_that_meets_a_429_waits_and_is_fetched()
    {
        await using var server = new PhotoServer(Answering.InTurn(Answering.With(429, "Retry-After: 30"), Answering.WithPhoto));
        await using var rig = new Rig(time: _time);

        var fetching = rig.FetchAsync(server.Url());
        await rig.Log.NextAsync();
        Assert.Equal(
            [new ClosedGate(Gates.Feed(Some.Feed), _time.GetUtcNow(), _time.GetUtcNow().AddSeconds(30), "http://127.0.0.1 answered 429.")], rig.Gates.Closed);
        _time.Advance(TimeSpan.FromSeconds(30));

        using var photo = await fetching;
        Assert.Empty(rig.Gates.Closed);
        Assert.Equal(["limited", "ok"], rig.Gets);
    }

    [Theory]
    [InlineData("Retry-After: 120", 120)]
    [InlineData("Retry-After: Thu, 01 Jan 1970 00:02:00 GMT", 120)]
    [InlineData("Retry-After: 100000", 3600)]
    public async Task Retry_after_is_obeyed(string header, int seconds)
    {
        await using var server = new PhotoServer(Answering.With(429, header));
        await using var rig = new Rig(time: _time);
        using var stop = new CancellationTokenSource();

        var fetching = rig.FetchAsync(Some.Request(server.Url()), cancellation: stop.Token);
        await rig.Log.NextAsync();

        Assert.Equal(TimeSpan.FromSeconds(seconds), Assert.Single(rig.Gates.Closed).Until - _time.GetUtcNow());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Retry-After: soon")]
    [InlineData("Retry-After: Thu, 01 Jan 1970 00:00:00 GMT")]
    public async Task Without_a_useful_retry_after_the_wait_begins_at_a_second(string header)
    {
        await using var server = new PhotoServer(
            Answering.InTurn(header.Length > 0 ? Answering.With(429, header) : Answering.With(429), Answering.WithPhoto));
        await using var rig = new Rig(time: _time);

        var fetching = rig.FetchAsync(server.Url());
        await rig.Log.NextAsync();

        Assert.InRange((Assert.Single(rig.Gates.Closed).Until - _time.GetUtcNow()).TotalSeconds, 1, 1.25);
        _time.Advance(TimeSpan.FromSeconds(2));
        using var photo = await fetching;
    }

    [Fact]
    public async Task A_photo_held_too_long_has_failed()
    {
        await using var server = new PhotoServer(Answering.WithPhoto);
        await using var rig = new Rig(
            options => (options.MaxGateWait, options.MaxRetryAfter) = (TimeSpan.FromHours(6), TimeSpan.FromHours(20)), time: _time);
        rig.Gates.Close(Gates.Feed(Some.Feed), TimeSpan.FromHours(20), "Suspended.");

        var fetching = rig.FetchAsync(Some.Request(server.Url(), singleUse: true));
        _time.Advance(TimeSpan.FromHours(6));

        var failed = await Assert.ThrowsAsync<FetchFailedException>(() => fetching);
        Assert.Equal("The gate of feed some-feed stayed closed for 6 h.", failed.Message);
    }

    [Fact]
    public async Task A_lease_that_ends_while_the_photo_is_held_is_not_used()
    {
        await using var server = new PhotoServer(Answering.WithPhoto);
        await using var rig = new Rig(time: _time);
        rig.Gates.Close(Gates.Feed(Some.Feed), TimeSpan.FromMinutes(10), "Enough.");

        var fetching = rig.FetchAsync(Some.Request(server.Url(), _time.GetUtcNow().AddMinutes(5)));
        _time.Advance(TimeSpan.FromMinutes(10));

        var ended = await Assert.ThrowsAsync<LeaseEndedException>(() => fetching);
        Assert.Equal(UrlExpiry.TimeOver, ended.How);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Photos_held_at_a_gate_take_no_download_slot()
    {
        await using var server = new PhotoServer(Answering.WithPhoto);
        await using var rig = new Rig(options => options.DownloadConcurrency = 1, time: _time);
        rig.Gates.Close(Gates.Feed(Some.Feed), TimeSpan.FromMinutes(1), "Enough.");
        var held = Enumerable.Range(0, 10).Select(_ => rig.FetchAsync(server.Url())).ToList();

        using var other = await rig.FetchAsync(Some.Request(server.Url(), feed: "other-feed"));

        _time.Advance(TimeSpan.FromMinutes(1));
        foreach (var photo in await Task.WhenAll(held))
            photo.Dispose();
        Assert.Equal(11, server.Requests.Count);
    }

    [Fact]
    public async Task Only_the_probe_is_sent_after_a_429()
    {
        var (asked, probed) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = new PhotoServer(async (request, stream) =>
        {
            if (request.Number == 1)
                return await Answering.With(429, "Retry-After: 10")(request, stream);
            if (request.Number == 2)
            {
                asked.SetResult();
                await probed.Task;
            }
            return await Answering.WithPhoto(request, stream);
        });
        await using var rig = new Rig(time: _time);
        var first = rig.FetchAsync(server.Url());
        await rig.Log.NextAsync();
        var others = Enumerable.Range(0, 19).Select(_ => rig.FetchAsync(server.Url())).ToList();

        _time.Advance(TimeSpan.FromSeconds(10));
        await asked.Task;
        Assert.Equal(2, server.Requests.Count);
        probed.SetResult();

        foreach (var photo in await Task.WhenAll([first, .. others]))
            photo.Dispose();
        Assert.Equal(21, server.Requests.Count);
    }

    [Fact]
    public async Task A_probe_that_fails_for_another_reason_hands_its_role_on()
    {
        await using var server = new PhotoServer(Answering.InTurn(Answering.With(503), Answering.WithPhoto));
        await using var rig = new Rig(time: _time);
        rig.Gates.Close(Gates.Feed(Some.Feed), TimeSpan.FromMinutes(1), "Enough.");
        var first = rig.FetchAsync(server.Url());
        var second = rig.FetchAsync(server.Url());

        _time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<FetchFailedException>(() => first);
        using var photo = await second;
        Assert.Empty(rig.Gates.Closed);
    }

    [Fact]
    public async Task A_probe_that_is_cancelled_hands_its_role_on()
    {
        using var stop = new CancellationTokenSource();
        await using var server = new PhotoServer(async (request, stream) =>
        {
            if (request.Number > 1)
                return await Answering.WithPhoto(request, stream);
            await stop.CancelAsync();
            return await Answering.Never(request, stream);
        });
        await using var rig = new Rig(time: _time);
        rig.Gates.Close(Gates.Feed(Some.Feed), TimeSpan.FromMinutes(1), "Enough.");
        var first = rig.FetchAsync(Some.Request(server.Url()), cancellation: stop.Token);
        var second = rig.FetchAsync(server.Url());

        _time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        using var photo = await second;
    }

    [Fact]
    public async Task A_photo_that_is_gone_shows_that_the_vendor_serves_again()
    {
        await using var server = new PhotoServer(Answering.With(404));
        await using var rig = new Rig(time: _time);
        rig.Gates.Close(Gates.Feed(Some.Feed), TimeSpan.FromMinutes(1), "Enough.");
        var fetching = rig.FetchAsync(server.Url());

        _time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<PhotoGoneException>(() => fetching);
        Assert.Empty(rig.Gates.Closed);
    }
}
