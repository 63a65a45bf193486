using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Fetching;
using ImagePipeline.PhotoWorker.Imaging;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

public sealed class PhotoBodyTests
{
    [Fact]
    public async Task The_bytes_come_as_served()
    {
        var bytes = new byte[3_000_000];
        new Random(1).NextBytes(bytes);
        Answering.Photo.CopyTo(bytes, 0);
        await using var server = new PhotoServer(Answering.With(200, bytes));
        await using var rig = new Rig();

        using var photo = await rig.FetchAsync(server.Url());

        Assert.True(photo.Bytes.Span.SequenceEqual(bytes));
        Assert.Equal(bytes.Length, rig.BytesCounted);
    }

    [Fact]
    public async Task A_body_without_a_length_ends_with_its_connection()
    {
        await using var server = new PhotoServer(async (_, stream) =>
        {
            await Answering.WriteHeadAsync(stream, 200, "Connection: close");
            await stream.WriteAsync(Answering.Photo);
            return false;
        });
        await using var rig = new Rig();

        using var photo = await rig.FetchAsync(server.Url());

        Assert.Equal(Answering.Photo, photo.Bytes.ToArray());
    }

    [Fact]
    public async Task Bytes_cannot_be_read_after_they_were_given_back()
    {
        await using var server = new PhotoServer(Answering.WithPhoto);
        await using var rig = new Rig();
        var photo = await rig.FetchAsync(server.Url());

        photo.Dispose();
        photo.Dispose();

        Assert.Throws<ObjectDisposedException>(() => photo.Bytes);
    }

    [Fact]
    public async Task An_answer_without_bytes_is_empty()
    {
        await using var server = new PhotoServer(Answering.With(200));
        await using var rig = new Rig();

        Assert.Equal(PhotoRejection.Empty, await RejectionAsync(rig, server));
    }

    [Fact]
    public async Task An_answer_that_closes_without_bytes_is_empty()
    {
        await using var server = new PhotoServer(async (_, stream) =>
        {
            await Answering.WriteHeadAsync(stream, 200, "Connection: close");
            return false;
        });
        await using var rig = new Rig();

        Assert.Equal(PhotoRejection.Empty, await RejectionAsync(rig, server));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task An_answer_that_ends_early_is_a_failure(int missing)
    {
        await using var server = new PhotoServer(Answering.CutShort(Answering.Photo.Length + missing));
        await using var rig = new Rig();

        var failed = await Assert.ThrowsAsync<FetchFailedException>(() => rig.FetchAsync(server.Url()));

        Assert.Equal("http://127.0.0.1 ended its answer early.", failed.Message);
    }

    [Fact]
    public async Task An_answer_that_ends_early_spends_a_single_use_URL()
    {
        await using var server = new PhotoServer(Answering.CutShort(100_000));
        await using var rig = new Rig();

        var ended = await Assert.ThrowsAsync<LeaseEndedException>(() => rig.FetchAsync(Some.Request(server.Url(), singleUse: true)));

        Assert.Equal(UrlExpiry.Spent, ended.How);
    }

    [Fact]
    public async Task A_length_that_is_too_large_is_rejected_before_the_body_comes()
    {
        await using var server = new PhotoServer(async (_, stream) =>
        {
            await Answering.WriteHeadAsync(stream, 200, "Content-Length: 999999999999");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
            return false;
        });
        await using var rig = new Rig();

        Assert.Equal(PhotoRejection.TooManyBytes, await RejectionAsync(rig, server));
    }

    [Fact]
    public async Task An_endless_body_is_cut_at_the_limit()
    {
        await using var server = new PhotoServer(Answering.Endless(Answering.Photo));
        await using var rig = new Rig(options => options.MaxBytes = 100_000);

        Assert.Equal(PhotoRejection.TooManyBytes, await RejectionAsync(rig, server));
        Assert.Equal(100_001, rig.BytesCounted);
    }

    [Fact]
    public async Task A_body_of_exactly_the_limit_is_a_photo()
    {
        await using var server = new PhotoServer(Answering.With(200, [.. Answering.Photo, .. new byte[100_000 - Answering.Photo.Length]]));
        await using var rig = new Rig(options => options.MaxBytes = 100_000);

        using var photo = await rig.FetchAsync(server.Url());

        Assert.Equal(100_000, photo.Bytes.Length);
    }

    [Fact]
    public async Task An_endless_page_is_rejected_after_its_first_bytes()
    {
        await using var server = new PhotoServer(Answering.Endless("<html><body>Coming soon</body></html>     "u8.ToArray()));
        await using var rig = new Rig();

        Assert.Equal(PhotoRejection.NotAnImage, await RejectionAsync(rig, server));
        Assert.InRange(rig.BytesCounted, FirstBytes.Enough, 1_000_000);
    }

    [Fact]
    public async Task A_short_page_is_rejected()
    {
        await using var server = new PhotoServer(Answering.With(200, "<html>"u8.ToArray(), "Content-Type: image/jpeg"));
        await using var rig = new Rig();

        Assert.Equal(PhotoRejection.NotAnImage, await RejectionAsync(rig, server));
        Assert.Equal(["rejected"], rig.Gets);
    }

    [Fact]
    public async Task A_body_cut_short_before_it_can_be_recognized_is_a_failure_and_not_rejected()
    {
        await using var server = new PhotoServer(async (_, stream) =>
        {
            await Answering.WriteHeadAsync(stream, 200, "Content-Length: 100000");
            await stream.WriteAsync(Answering.Photo.AsMemory(0, 2));
            return false;
        });
        await using var rig = new Rig();

        await Assert.ThrowsAsync<FetchFailedException>(() => rig.FetchAsync(server.Url()));
    }

    [Fact]
    public async Task A_wrong_content_type_does_not_matter()
    {
        await using var server = new PhotoServer(Answering.With(200, Answering.Photo, "Content-Type: text/html"));
        await using var rig = new Rig();

        using var photo = await rig.FetchAsync(server.Url());

        Assert.Equal(Answering.Photo.Length, photo.Bytes.Length);
    }

    static async Task<PhotoRejection> RejectionAsync(Rig rig, PhotoServer server) =>
        (await Assert.ThrowsAsync<RejectedException>(() => rig.FetchAsync(server.Url()))).Reason;
}
