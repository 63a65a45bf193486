using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Tests.Fetching;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.TestSupport;
using MassTransit;

namespace ImagePipeline.PhotoWorker.Tests;

public sealed class OutageTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_store_that_is_gone_for_a_while_fails_no_photo_and_costs_no_second_get()
    {
        const int Photos = 120;
        var gone = new TaskCompletionSource();
        var photo = Some.Jpeg();
        await using var server = new PhotoServer(async (request, stream) =>
        {
            // In the middle of the load, with photos on their way.
            if (request.Number == 40)
            {
                _folder.TakeAway("store");
                gone.SetResult();
            }
            return await Answering.With(200, photo)(request, stream);
        });
        await using var worker = await WorkerHost.StartAsync(
            _folder, ("PhotoWorker:LaneConcurrency", "16"), ("Gates:ShortestPause", "00:00:00.05"), ("Gates:LongestPause", "00:00:00.2"));

        for (var n = 0; n < Photos; n++)
            await worker.AskAsync(Some.Request(server.Url(), $"p{n}"));
        await gone.Task;
        await Eventually.IsSoAsync(() => worker.The<Gates>().IsClosed(Gates.Store));
        // Some probes long.
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        var asked = server.Requests.Count;
        _folder.GiveBack("store");

        var stored = await worker.Heard.UntilAsync<PhotoStored>(Photos);
        Assert.Equal(Photos, stored.Select(s => s.PhotoId).Distinct().Count());
        Assert.Equal(Photos, server.Requests.Count);
        // What was on its way, and one that passed the entrance as the probe.
        Assert.InRange(asked, 40, 40 + 16 + 1);
        Assert.Equal(0, worker.Retries);
        Assert.Empty(worker.Heard.All<Fault<PhotoRequested>>());
        Assert.Empty(worker.The<Gates>().Closed);
        foreach (var one in stored)
            Assert.NotNull(await worker.Store.ReadAsync(one.Renditions[^1].Key, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_urgent_photo_of_a_closed_feed_waits_on_the_rung_and_uses_no_try()
    {
        await using var server = new PhotoServer(
            Answering.InTurn(Answering.With(429, "Retry-After: 1"), Answering.With(503), Answering.With(200, Some.Jpeg())));
        await using var worker = await WorkerHost.StartAsync(_folder, ("Rungs:Delays:0", "00:00:00.050"), ("Rungs:Delays:1", "00:10:00"));

        // One failure is left to it: had the waiting counted as tries, the 503 would have sent it to the second rung, for longer than it is waited for here, or failed it.
        var asked = TimeProvider.System.GetTimestamp();
        await worker.StoredAsync(Some.Request(server.Url(), urgent: true));

        Assert.Equal(3, server.Requests.Count);
        Assert.Equal(1, worker.Retries);
        Assert.True(TimeProvider.System.GetElapsedTime(asked) >= TimeSpan.FromSeconds(1));
        Assert.Empty(worker.Heard.All<Fault<PhotoRequested>>());
    }

    [Fact]
    public async Task An_urgent_photo_of_a_closed_feed_holds_up_no_other_urgent_one()
    {
        await using var server = new PhotoServer(Answering.With(200, Some.Jpeg()));
        await using var worker = await WorkerHost.StartAsync(_folder, ("PhotoWorker:LaneConcurrency", "1"));
        worker.The<Gates>().Close(Gates.Feed(Some.Feed), TimeSpan.FromMinutes(10), "Suspended.");
        await worker.AskAsync(Some.Request(server.Url(), "held", urgent: true));

        var stored = await worker.StoredAsync(Some.Request(server.Url(), "other", urgent: true) with { Feed = "other" });

        Assert.Equal("other", stored.MediaKey);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task What_is_stored_is_told_while_the_feeds_gate_is_closed()
    {
        await using var server = new PhotoServer(Answering.With(200, Some.Jpeg()));
        await using var worker = await WorkerHost.StartAsync(_folder);
        await worker.StoredAsync(Some.Request(server.Url()));
        worker.The<Gates>().Close(Gates.Feed(Some.Feed), TimeSpan.FromMinutes(10), "Suspended.");

        Assert.True((await worker.StoredAsync(Some.Request(server.Url()))).AlreadyStored);
    }
}
