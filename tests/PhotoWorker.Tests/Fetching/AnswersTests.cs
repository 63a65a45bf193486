using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Fetching;
using ImagePipeline.TestSupport;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

public sealed class AnswersTests
{
    [Theory]
    [InlineData(204, PhotoRejection.Empty)]
    [InlineData(205, PhotoRejection.Empty)]
    [InlineData(202, PhotoRejection.NotAnImage)]
    [InlineData(206, PhotoRejection.NotAnImage)]
    [InlineData(300, PhotoRejection.TooManyRedirects)]
    [InlineData(304, PhotoRejection.TooManyRedirects)]
    [InlineData(400, PhotoRejection.Refused)]
    [InlineData(401, PhotoRejection.Refused)]
    [InlineData(403, PhotoRejection.Refused)]
    [InlineData(402, PhotoRejection.Refused)]
    [InlineData(405, PhotoRejection.Refused)]
    [InlineData(451, PhotoRejection.Refused)]
    public async Task A_lasting_refusal_rejects_the_photo(int status, PhotoRejection reason)
    {
        await using var server = new PhotoServer(Answering.With(status));
        await using var rig = new Rig();

        var rejected = await Assert.ThrowsAsync<RejectedException>(() => rig.FetchAsync(server.Url()));

        Assert.Equal(reason, rejected.Reason);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(520)]
    public async Task A_passing_trouble_is_a_failure_that_may_be_tried_again(int status)
    {
        await using var server = new PhotoServer(Answering.With(status));
        await using var rig = new Rig();

        var failed = await Assert.ThrowsAsync<FetchFailedException>(() => rig.FetchAsync(server.Url("/secret-token")));

        Assert.Equal($"http://127.0.0.1 answered {status}.", failed.Message);
        Assert.Equal(["failed"], rig.Gets);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task A_photo_that_is_gone_gets_one_more_look(int status)
    {
        await using var server = new PhotoServer(Answering.With(status));
        await using var rig = new Rig();

        await Assert.ThrowsAsync<PhotoGoneException>(() => rig.FetchAsync(server.Url()));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task A_photo_that_is_gone_twice_is_rejected(int status)
    {
        await using var server = new PhotoServer(Answering.With(status));
        await using var rig = new Rig();

        var rejected = await Assert.ThrowsAsync<RejectedException>(() => rig.FetchAsync(Some.Request(server.Url()), earlierTries: 1));

        Assert.Equal(PhotoRejection.Gone, rejected.Reason);
        Assert.Equal(["gone"], rig.Gets);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_refused_lease_has_ended(int status)
    {
        await using var server = new PhotoServer(Answering.With(status));
        await using var rig = new Rig();

        var ended = await Assert.ThrowsAsync<LeaseEndedException>(() => rig.FetchAsync(Some.Request(server.Url(), Some.FarFuture)));

        Assert.Equal(UrlExpiry.Refused, ended.How);
        Assert.Equal(["expired"], rig.Gets);
    }

    [Fact]
    public async Task A_refused_single_use_URL_has_ended()
    {
        await using var server = new PhotoServer(Answering.With(403));
        await using var rig = new Rig();

        var ended = await Assert.ThrowsAsync<LeaseEndedException>(() => rig.FetchAsync(Some.Request(server.Url(), singleUse: true)));

        Assert.Equal(UrlExpiry.Refused, ended.How);
    }

    [Fact]
    public async Task A_lease_whose_time_is_over_is_not_asked()
    {
        await using var server = new PhotoServer(Answering.WithPhoto);
        await using var rig = new Rig();

        var ended = await Assert.ThrowsAsync<LeaseEndedException>(
            () => rig.FetchAsync(Some.Request(server.Url(), TimeProvider.System.GetUtcNow())));

        Assert.Equal(UrlExpiry.TimeOver, ended.How);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_failure_spends_a_single_use_URL()
    {
        await using var server = new PhotoServer(Answering.With(503));
        await using var rig = new Rig();

        var ended = await Assert.ThrowsAsync<LeaseEndedException>(() => rig.FetchAsync(Some.Request(server.Url(), singleUse: true)));

        Assert.Equal(UrlExpiry.Spent, ended.How);
    }

    [Fact]
    public async Task A_failure_to_connect_does_not_spend_a_single_use_URL()
    {
        using var nowhere = new ClosedPort();
        await using var rig = new Rig();

        var failed = await Assert.ThrowsAsync<FetchFailedException>(() => rig.FetchAsync(Some.Request($"{nowhere.Url}/photo.jpg", singleUse: true)));

        Assert.Equal("http://127.0.0.1 could not be connected to.", failed.Message);
        Assert.Empty(rig.Gets);
    }

    [Theory]
    [InlineData(0, typeof(LeaseEndedException))]
    [InlineData(1, typeof(RejectedException))]
    public async Task A_photo_gone_from_a_single_use_URL_is_looked_for_again_at_a_fresh_one(int refreshes, Type expected)
    {
        await using var server = new PhotoServer(Answering.With(404));
        await using var rig = new Rig();

        await Assert.ThrowsAsync(expected, () => rig.FetchAsync(Some.Request(server.Url(), singleUse: true, leaseRefreshes: refreshes)));
    }

    [Fact]
    public async Task A_compressed_photo_is_a_failure_that_says_why()
    {
        await using var server = new PhotoServer(Answering.With(200, [0x1F, 0x8B, 0, 0], "Content-Encoding: gzip"));
        await using var rig = new Rig();

        var failed = await Assert.ThrowsAsync<FetchFailedException>(() => rig.FetchAsync(server.Url()));

        Assert.Contains("compressed", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_HTTP_is_a_failure()
    {
        await using var server = new PhotoServer(async (_, stream) =>
        {
            await stream.WriteAsync("SSH-2.0-OpenSSH_9.6\r\n\r\n"u8.ToArray());
            return false;
        });
        await using var rig = new Rig();

        var failed = await Assert.ThrowsAsync<FetchFailedException>(() => rig.FetchAsync(server.Url()));

        Assert.Equal("http://127.0.0.1 sent what is not HTTP.", failed.Message);
    }
}
