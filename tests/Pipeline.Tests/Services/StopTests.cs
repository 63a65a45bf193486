using System.Diagnostics;
using ImagePipeline.SampleMls;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Services;

public sealed class StopTests(PostgresServer postgres, RabbitMqServer rabbitMq)
{
    const int Listings = 2;
    const int Photos = 40;

    [Fact]
    public async Task Asked_to_stop_a_worker_finishes_what_is_in_work()
    {
        await using var mls = await SlowMlsAsync(latencyMs: 3_000);
        using var folder = new TempFolder();
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        var deployment = new Deployment(folder, broker, await postgres.CreateDatabaseAsync());
        await deployment.UseFeedAsync(new Uri(mls.Address, "/Property"));
        await using var ingest = deployment.Start("FeedIngest");
        await using var worker = deployment.Start("PhotoWorker");

        await AskedForAsync(mls);
        worker.Terminate();
        var ended = await worker.EndAsync();

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Contains("PhotoWorker has stopped", ended.Out, StringComparison.Ordinal);
        Assert.Equal(Photos, Directory.EnumerateFiles(folder["store/originals"], "*", SearchOption.AllDirectories).Count());
        Assert.Empty(Directory.EnumerateDirectories(folder["store/.tmp/writers"]));
        // Each was told. Not that the lane is empty: a quorum queue forgets acknowledgements that wait when a channel closes (beyond 32 of a burst, RabbitMQ
        // 3.10), and gives those requests out once more; they are answered with what is stored.
        await Eventually.IsAsync<long?>(Photos + Listings, () => broker.CountAsync("listing-notifier"));
        Assert.Equal(0, await broker.CountAsync("photo-requested-sample_error"));
    }

    [Fact]
    public async Task What_is_not_finished_in_time_goes_back_to_its_lane_and_is_no_error()
    {
        await using var mls = await SlowMlsAsync(latencyMs: 25_000);
        using var folder = new TempFolder();
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        var deployment = new Deployment(folder, broker, await postgres.CreateDatabaseAsync());
        await deployment.UseFeedAsync(new Uri(mls.Address, "/Property"));
        await using var ingest = deployment.Start("FeedIngest");
        await using var worker = deployment.Start("PhotoWorker", ("Service__StopTimeout", "00:00:04"));

        await AskedForAsync(mls);
        var stopping = Stopwatch.StartNew();
        worker.Terminate();
        var ended = await worker.EndAsync();

        Assert.True(ended.ExitCode == 0, ended.Said);
        // Its four seconds, and not those that a photo takes.
        Assert.InRange(stopping.Elapsed.TotalSeconds, 3, 20);
        await Eventually.IsAsync<long?>(Photos, () => broker.CountAsync("photo-requested-sample"));
        Assert.Equal((0, 0), (await broker.CountAsync("photo-requested-sample_error"), await broker.CountAsync("rung-10s")));
    }

    static Task<SampleMlsServer> SlowMlsAsync(int latencyMs) => SampleMlsServer.StartAsync(
        new SampleMlsOptions { Listings = Listings, TotalPhotos = Photos, Width = 64, Height = 48, LatencyMedianMs = latencyMs });

    // Counted when the request comes, before the latency.
    static Task AskedForAsync(SampleMlsServer mls) => Eventually.IsAsync(Photos, () => Task.FromResult(mls.TotalGets), TimeSpan.FromMinutes(2));
}
