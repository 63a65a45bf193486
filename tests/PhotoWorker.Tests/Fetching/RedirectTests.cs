using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

public sealed class RedirectTests
{
    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_followed_as_written(int status)
    {
        await using var server = new PhotoServer(Answering.InTurn(Answering.WithRedirect("/b%7E/sig=%2F", status), Answering.WithPhoto));
        await using var rig = new Rig();

        using var photo = await rig.FetchAsync(server.Url("/a"));

        Assert.Equal(["/a", "/b%7E/sig=%2F"], server.Requests.Select(request => request.Target));
        Assert.Equal(["redirected", "ok"], rig.Gets);
    }

    [Fact]
    public async Task Redirects_are_followed_so_often_and_no_more()
    {
        await using var server = new PhotoServer(Answering.WithRedirect("/again"));
        await using var rig = new Rig(options => options.MaxRedirects = 3);

        var rejected = await Assert.ThrowsAsync<RejectedException>(() => rig.FetchAsync(server.Url()));

        Assert.Equal(PhotoRejection.TooManyRedirects, rejected.Reason);
        Assert.Equal(4, server.Requests.Count);
        Assert.Equal(4, rig.Gets.Count);
    }

    [Theory]
    [InlineData("http://10.0.0.5/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://169.254.169.254/latest/")]
    [InlineData("http://rebound.example/")]
    [InlineData("file:///etc/passwd")]
    public async Task A_redirect_to_an_address_of_our_own_is_refused(string location)
    {
        await using var server = new PhotoServer(Answering.WithRedirect(location));
        await using var rig = new Rig(resolve: Rig.Addresses("192.168.0.1"));

        var rejected = await Assert.ThrowsAsync<RejectedException>(() => rig.FetchAsync(server.Url()));

        Assert.Equal(PhotoRejection.AddressRefused, rejected.Reason);
    }

    [Fact]
    public async Task A_redirect_to_a_host_that_the_feed_does_not_list_is_refused()
    {
        await using var server = new PhotoServer(Answering.WithRedirect("http://elsewhere.example/"));
        await using var rig = new Rig(feed: feed => feed.AllowedHosts = ["127.0.0.1"]);

        var rejected = await Assert.ThrowsAsync<RejectedException>(() => rig.FetchAsync(server.Url()));

        Assert.Equal(PhotoRejection.AddressRefused, rejected.Reason);
    }

    [Fact]
    public async Task A_redirect_without_a_location_leads_nowhere()
    {
        await using var server = new PhotoServer(Answering.With(302));
        await using var rig = new Rig();

        var rejected = await Assert.ThrowsAsync<RejectedException>(() => rig.FetchAsync(server.Url()));

        Assert.Equal(PhotoRejection.TooManyRedirects, rejected.Reason);
    }

    [Fact]
    public async Task Media_headers_go_with_the_first_request_and_redirects_on_its_host()
    {
        await using var server = new PhotoServer(Answering.InTurn(Answering.WithRedirect("/b"), Answering.WithPhoto));
        await using var rig = new Rig(feed: WithToken);

        using var photo = await rig.FetchAsync(server.Url());

        Assert.All(server.Requests, request => Assert.Equal("tok/en (odd)", request.Headers["User-Agent"]));
        Assert.All(server.Requests, request => Assert.Equal("secret", request.Headers["X-Key"]));
    }

    [Fact]
    public async Task Media_headers_never_go_to_another_host()
    {
        await using var server = new PhotoServer((request, stream) =>
        {
            var elsewhere = "http://" + request.Headers["Host"].Replace("127.0.0.1", "other.example", StringComparison.Ordinal);
            var answer = request.Number == 1 ? Answering.WithRedirect(elsewhere + "/b") : Answering.WithPhoto;
            return answer(request, stream);
        });
        await using var rig = new Rig(feed: WithToken, resolve: Rig.Addresses("127.0.0.1"));

        using var photo = await rig.FetchAsync(server.Url());

        var redirected = server.Requests[1];
        Assert.StartsWith("other.example:", redirected.Headers["Host"], StringComparison.Ordinal);
        Assert.DoesNotContain("X-Key", redirected.Headers);
        Assert.StartsWith("ImagePipeline/", redirected.Headers["User-Agent"], StringComparison.Ordinal);
    }

    static void WithToken(FeedOptions feed) => feed.MediaHeaders = new() { ["user-agent"] = "tok/en (odd)", ["X-Key"] = "secret" };
}
