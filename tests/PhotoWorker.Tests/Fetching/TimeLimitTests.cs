using ImagePipeline.PhotoWorker.Fetching;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

public sealed class TimeLimitTests
{
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(150);

    [Fact]
    public async Task A_server_that_never_answers_is_given_up()
    {
        await using var server = new PhotoServer(Answering.Never);
        await using var rig = new Rig(options => options.HeadersTimeout = Short);

        Assert.Equal("http://127.0.0.1 sent no answer within 0.15 s.", await FailureAsync(rig, server));
    }

    [Fact]
    public async Task A_body_that_stalls_is_given_up()
    {
        await using var server = new PhotoServer(Answering.Stalling(Answering.Photo));
        await using var rig = new Rig(options => options.IdleReadTimeout = Short);

        Assert.Equal("http://127.0.0.1 sent nothing more for 0.15 s.", await FailureAsync(rig, server));
    }

    [Fact]
    public async Task A_body_that_drips_is_given_up_when_the_total_time_is_over()
    {
        await using var server = new PhotoServer(async (_, stream) =>
        {
            await Answering.WriteHeadAsync(stream, 200, "Content-Length: 100000");
            while (true)
            {
                await stream.WriteAsync(new byte[] { 0 });
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        });
        await using var rig = new Rig(options => options.TotalTimeout = TimeSpan.FromMilliseconds(300));

        Assert.Equal("http://127.0.0.1 took longer than 0.3 s in all.", await FailureAsync(rig, server));
    }

    [Fact]
    public async Task A_connection_that_is_not_made_in_time_is_a_failure_that_sent_nothing()
    {
        await using var rig = new Rig(
            options => options.ConnectTimeout = Short,
            resolve: async (_, cancellation) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
                return [];
            });

        var failed = await Assert.ThrowsAsync<FetchFailedException>(() => rig.FetchAsync("http://slow.example/"));

        Assert.Equal("http://slow.example could not be connected to in time.", failed.Message);
        Assert.False(failed.MayHaveBeenSent);
        Assert.Empty(rig.Gets);
    }

    [Fact]
    public async Task A_stop_is_not_taken_for_a_failure()
    {
        using var stop = new CancellationTokenSource();
        await using var server = new PhotoServer(async (request, stream) =>
        {
            await stop.CancelAsync();
            return await Answering.Never(request, stream);
        });
        await using var rig = new Rig();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => rig.FetchAsync(Some.Request(server.Url(), singleUse: true), cancellation: stop.Token));

        Assert.Equal(["cancelled"], rig.Gets);
    }

    static async Task<string> FailureAsync(Rig rig, PhotoServer server) =>
        (await Assert.ThrowsAsync<FetchFailedException>(() => rig.FetchAsync(server.Url()))).Message;
}
