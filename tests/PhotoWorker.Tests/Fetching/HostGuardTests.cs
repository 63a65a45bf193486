using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Fetching;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

public sealed class HostGuardTests
{
    [Theory]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://2130706433:{0}/")]
    [InlineData("http://0x7f.0.0.1:{0}/")]
    [InlineData("http://0177.1:{0}/")]
    [InlineData("http://0:{0}/")]
    [InlineData("http://[::1]:{0}/")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/")]
    [InlineData("http://[::127.0.0.1]:{0}/")]
    [InlineData("http://localhost:{0}/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://10.1.2.3/")]
    public async Task Addresses_of_our_own_are_refused(string url)
    {
        await using var server = new PhotoServer(Answering.WithPhoto);
        await using var rig = new Rig(options => options.AllowedPrivateHosts = []);

        await AssertRefusedAsync(rig, string.Format(null, url, server.Port));

        Assert.Empty(server.Requests);
        Assert.Empty(rig.Gets);
    }

    [Theory]
    [InlineData("10.0.0.5")]
    [InlineData("8.8.8.8 10.0.0.5")]
    [InlineData("::ffff:10.0.0.5")]
    public async Task A_name_with_an_address_of_our_own_is_refused(string addresses)
    {
        await using var rig = new Rig(resolve: Rig.Addresses(addresses));

        await AssertRefusedAsync(rig, "http://photos.example/");
    }

    [Fact]
    public async Task A_name_that_changes_its_address_is_refused_when_it_has()
    {
        await using var server = new PhotoServer(Answering.With(200, Answering.Photo, "Connection: close"));
        await using var rig = new Rig(resolve: Rig.Addresses("127.0.0.1", "10.0.0.5"));
        using var first = await rig.FetchAsync(server.Url(host: "photos.example"));

        await AssertRefusedAsync(rig, server.Url(host: "photos.example"));
    }

    [Fact]
    public async Task A_name_that_is_allowed_may_have_any_address()
    {
        await using var server = new PhotoServer(Answering.WithPhoto);
        await using var rig = new Rig(options => options.AllowedPrivateHosts = ["Photos.Internal."], resolve: Rig.Addresses("127.0.0.1"));

        using var photo = await rig.FetchAsync(server.Url(host: "photos.internal"));

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_feed_may_list_a_private_address_among_its_hosts()
    {
        await using var server = new PhotoServer(Answering.WithPhoto);
        await using var rig = new Rig(options => options.AllowedPrivateHosts = [], feed => feed.AllowedHosts = ["127.0.0.1"]);

        using var photo = await rig.FetchAsync(server.Url());

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task What_one_feed_lists_another_may_not_reach_over_a_kept_connection()
    {
        await using var server = new PhotoServer(Answering.WithPhoto);
        await using var rig = new Rig(options => options.AllowedPrivateHosts = [], feed => feed.AllowedHosts = ["127.0.0.1"]);
        using var photo = await rig.FetchAsync(server.Url());

        var rejected = await Assert.ThrowsAsync<RejectedException>(() => rig.FetchAsync(Some.Request(server.Url(), feed: "other-feed")));

        Assert.Equal(PhotoRejection.AddressRefused, rejected.Reason);
    }

    [Fact]
    public async Task A_host_that_the_feed_does_not_list_is_refused()
    {
        await using var rig = new Rig(feed: feed => feed.AllowedHosts = ["media.example"]);

        await AssertRefusedAsync(rig, "http://127.0.0.1/");
    }

    [Fact]
    public async Task A_host_that_the_feed_lists_is_reached()
    {
        await using var server = new PhotoServer(Answering.WithPhoto);
        await using var rig = new Rig(feed: feed => feed.AllowedHosts = ["Media.Example"], resolve: Rig.Addresses("127.0.0.1"));

        using var photo = await rig.FetchAsync(server.Url(host: "media.example"));

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_name_without_an_address_is_a_failure_that_may_be_tried_again()
    {
        await using var rig = new Rig(resolve: (_, _) => Task.FromResult<System.Net.IPAddress[]>([]));

        var failed = await Assert.ThrowsAsync<FetchFailedException>(() => rig.FetchAsync("http://gone.example/"));

        Assert.Equal("http://gone.example has no address that could be found.", failed.Message);
    }

    static async Task AssertRefusedAsync(Rig rig, string url)
    {
        var rejected = await Assert.ThrowsAsync<RejectedException>(() => rig.FetchAsync(url));

        Assert.Equal(PhotoRejection.AddressRefused, rejected.Reason);
    }
}
