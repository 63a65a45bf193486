using ImagePipeline.PhotoWorker.Fetching;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

public sealed class WireTests
{
    [Theory]
    [InlineData("/token=aZ-_~&expires=1790000000&id=4/images/K1/u.jpeg")]
    [InlineData("/a%2Fb%7Ec%2fd/../x.jpg?sig=%2B+%20&y=a%7e")]
    public async Task A_signed_URL_is_sent_byte_for_byte(string target)
    {
        await using var server = new PhotoServer(Answering.WithPhoto);
        await using var rig = new Rig();

        using var photo = await rig.FetchAsync(server.Url(target + "#fragment"));

        Assert.Equal([target], server.Requests.Select(request => request.Target));
    }

    [Fact]
    public async Task Only_host_and_user_agent_are_sent_by_default()
    {
        await using var server = new PhotoServer(Answering.WithPhoto);
        await using var rig = new Rig();
        using var activity = new System.Diagnostics.Activity("caller").Start();

        using var photo = await rig.FetchAsync(server.Url());

        Assert.Equal(["Host", "User-Agent"], Assert.Single(server.Requests).Headers.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Cookies_are_not_kept()
    {
        await using var server = new PhotoServer(Answering.With(200, Answering.Photo, "Set-Cookie: a=b"));
        await using var rig = new Rig();

        using var first = await rig.FetchAsync(server.Url());
        using var second = await rig.FetchAsync(server.Url());

        Assert.All(server.Requests, request => Assert.DoesNotContain("Cookie", request.Headers));
    }

    [Fact]
    public async Task A_GET_is_never_sent_again_unseen()
    {
        await using var server = new PhotoServer(Answering.HangingUp);
        await using var rig = new Rig();

        var failed = await Assert.ThrowsAsync<FetchFailedException>(() => rig.FetchAsync(server.Url()));

        Assert.True(failed.MayHaveBeenSent);
        Assert.Single(server.Requests);
        Assert.Equal(["failed"], rig.Gets);
    }

    [Fact]
    public async Task A_GET_over_a_kept_connection_is_never_sent_again_unseen()
    {
        await using var server = new PhotoServer(Answering.InTurn(Answering.WithPhoto, Answering.HangingUp));
        await using var rig = new Rig();
        using var photo = await rig.FetchAsync(server.Url());

        await Assert.ThrowsAsync<FetchFailedException>(() => rig.FetchAsync(server.Url()));

        Assert.Equal(2, server.Requests.Count);
        Assert.Equal(["ok", "failed"], rig.Gets);
    }

    [Fact]
    public async Task A_reset_connection_is_a_failure()
    {
        await using var server = new PhotoServer(Answering.Resetting);
        await using var rig = new Rig();

        await Assert.ThrowsAsync<FetchFailedException>(() => rig.FetchAsync(server.Url()));

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_header_that_no_GET_can_carry_is_a_mistake_in_the_configuration()
    {
        await using var rig = new Rig(feed: feed => feed.MediaHeaders = new() { ["Content-Type"] = "image/jpeg" });

        var mistake = await Assert.ThrowsAsync<InvalidOperationException>(() => rig.FetchAsync("http://127.0.0.1/"));

        Assert.Equal("Feeds:some-feed:MediaHeaders:Content-Type cannot be sent with a GET.", mistake.Message);
    }

    [Fact]
    public async Task Half_of_the_slots_are_one_feeds_and_no_more()
    {
        var (now, most) = (0, 0);
        var (counting, all) = (new Lock(), new TaskCompletionSource());
        await using var server = new PhotoServer(async (request, stream) =>
        {
            lock (counting)
                most = Math.Max(most, ++now);
            if (most >= 4)
                all.TrySetResult();
            await all.Task;
            lock (counting)
                now--;
            return await Answering.WithPhoto(request, stream);
        });
        await using var rig = new Rig(options => options.DownloadConcurrency = 8);

        var photos = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => rig.FetchAsync(server.Url())));

        Assert.Equal(4, most);
        Assert.Equal(40, rig.Gets.Count);
        foreach (var photo in photos)
            photo.Dispose();
    }

    [Fact]
    public async Task An_urgent_photo_does_not_wait_for_a_slot()
    {
        var (asked, answered) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        await using var server = new PhotoServer(async (request, stream) =>
        {
            if (asked.TrySetResult())
                await answered.Task;
            return await Answering.WithPhoto(request, stream);
        });
        await using var rig = new Rig(options => options.DownloadConcurrency = 1);
        var slow = rig.FetchAsync(server.Url());
        await asked.Task;
        var waiting = rig.FetchAsync(server.Url());

        using (await rig.FetchAsync(Some.Request(server.Url()) with { Urgent = true }))
            Assert.False(waiting.IsCompleted);

        answered.SetResult();
        (await slow).Dispose();
        (await waiting).Dispose();
    }
}
