using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ImagePipeline.SampleMls;
using ImagePipeline.SampleMls.Photos;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.Pipeline.Tests;

public sealed class SampleMlsFaultTests
{
    static readonly SampleMlsOptions Small = new() { Width = 16, Height = 16, Listings = 1, PhotosPerListing = 2, ScenesPerKind = 1 };

    [Fact]
    public async Task Every_GET_is_counted_by_photo_and_by_answer()
    {
        await using var mls = await SampleMlsServer.StartAsync(Small);
        using var http = new HttpClient { BaseAddress = mls.Address };

        for (var i = 0; i < 3; i++) await http.GetByteArrayAsync("photos/S1000/0.jpg");
        await http.GetByteArrayAsync("photos/S1000/1.jpg");
        using var absent = await http.GetAsync("photos/S1000/2.jpg");
        var counts = await http.GetFromJsonAsync<JsonElement>("counts");

        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
        Assert.Equal(5, mls.TotalGets);
        Assert.Equal(new Dictionary<string, int> { ["S1000/0"] = 3, ["S1000/1"] = 1, ["S1000/2"] = 1 }, mls.GetsByPhoto);
        Assert.Equal((4, 1), (mls.Answers[PhotoAnswer.Ok], mls.Answers[PhotoAnswer.NotFound]));
        Assert.Equal(5, counts.GetProperty("total").GetInt32());
        Assert.Equal(3, counts.GetProperty("byPhoto").GetProperty("S1000/0").GetInt32());
        Assert.Equal(4, counts.GetProperty("byStatus").GetProperty("ok").GetInt32());
    }

    [Fact]
    public async Task Counts_start_again_when_reset()
    {
        await using var mls = await SampleMlsServer.StartAsync(Small);
        using var http = new HttpClient { BaseAddress = mls.Address };
        await http.GetByteArrayAsync("photos/S1000/0.jpg");

        using var reset = await http.PostAsync("counts/reset", null);

        Assert.Equal(HttpStatusCode.NoContent, reset.StatusCode);
        Assert.Equal(0, mls.TotalGets);
        Assert.Empty(mls.GetsByPhoto);
        Assert.Equal(0, mls.Answers.Values.Sum());
    }

    [Fact]
    public async Task A_503_and_a_429_pass()
    {
        await using var mls = await SampleMlsServer.StartAsync(
            Small with { Percent503 = 50, Percent429 = 50, RetryAfterSeconds = 7, FaultsInARow = 4 });
        using var http = new HttpClient { BaseAddress = mls.Address };
        var seen = new List<HttpStatusCode>();
        TimeSpan? retryAfter = null;

        for (var i = 0; i < 10; i++)
        {
            using var response = await http.GetAsync("photos/S1000/0.jpg");
            seen.Add(response.StatusCode);
            retryAfter ??= response.Headers.RetryAfter?.Delta;
        }

        Assert.Equal([4, 9], Enumerable.Range(0, 10).Where(i => seen[i] == HttpStatusCode.OK));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.ServiceUnavailable], seen.Distinct().Order().ToArray());
        Assert.Equal(TimeSpan.FromSeconds(7), retryAfter);
    }

    [Theory]
    [InlineData(PhotoAnswer.Truncated)]
    [InlineData(PhotoAnswer.Reset)]
    public async Task A_client_notices_that_a_body_is_not_whole(PhotoAnswer fault)
    {
        await using var mls = await SampleMlsServer.StartAsync(Small with
        {
            PercentTruncated = fault == PhotoAnswer.Truncated ? 100 : 0,
            PercentReset = fault == PhotoAnswer.Reset ? 100 : 0,
            FaultsInARow = 1,
        });
        using var http = new HttpClient { BaseAddress = mls.Address };

        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetByteArrayAsync("photos/S1000/0.jpg"));
        var retried = await http.GetByteArrayAsync("photos/S1000/0.jpg");

        Assert.Equal(mls.PhotoBytes("S1000", 0), retried);
        Assert.Equal((1, 1), (mls.Answers[fault], mls.Answers[PhotoAnswer.Ok]));
    }

    [Fact]
    public async Task A_photo_that_is_a_page_or_does_not_exist_stays_so_and_is_known_beforehand()
    {
        await using var mls = await SampleMlsServer.StartAsync(Small with { PhotosPerListing = 60, PercentHtml = 20, Percent404 = 20 });
        using var http = new HttpClient { BaseAddress = mls.Address };

        foreach (var photo in mls.Photos.Concat(mls.Photos))
        {
            using var response = await http.GetAsync($"photos/{photo}.jpg");
            PhotoAnswer? answer = response.StatusCode == HttpStatusCode.NotFound ? PhotoAnswer.NotFound
                : response.Content.Headers.ContentType?.MediaType == "text/html" ? PhotoAnswer.Html : null;
            Assert.Equal(mls.PermanentFaults.TryGetValue(photo, out var expected) ? expected : null, answer);
        }

        Assert.Contains(PhotoAnswer.Html, mls.PermanentFaults.Values);
        Assert.Contains(PhotoAnswer.NotFound, mls.PermanentFaults.Values);
        Assert.Equal(mls.PermanentFaults.Count * 2, mls.Answers[PhotoAnswer.Html] + mls.Answers[PhotoAnswer.NotFound]);
    }

    [Fact]
    public void Faults_are_as_frequent_as_asked_for_and_the_same_for_the_same_seed()
    {
        var options = new SampleMlsOptions
        {
            Percent503 = 5,
            Percent429 = 3,
            PercentReset = 2,
            PercentTruncated = 1,
            PercentHtml = 2,
            Percent404 = 4,
        };
        var photos = Enumerable.Range(0, 20_000).Select(i => $"S{1000 + i / 25}/{i % 25}").ToList();

        var answers = photos.ConvertAll(photo => new Faults(options).Decide(photo, 1));

        // Four deviations of a share of 5 % in 20,000 are 0.6 %.
        double Percent(PhotoAnswer answer) => 100.0 * answers.Count(given => given == answer) / photos.Count;
        Assert.Equal(2, Percent(PhotoAnswer.Html), 0.6);
        Assert.Equal(4, Percent(PhotoAnswer.NotFound), 0.6);
        Assert.Equal(5 * 0.94, Percent(PhotoAnswer.Unavailable), 0.6);
        Assert.Equal(3 * 0.94, Percent(PhotoAnswer.TooManyRequests), 0.6);
        Assert.Equal(2 * 0.94, Percent(PhotoAnswer.Reset), 0.6);
        Assert.Equal(1 * 0.94, Percent(PhotoAnswer.Truncated), 0.6);
        Assert.Equal(answers, photos.ConvertAll(photo => new Faults(options).Decide(photo, 1)));
        Assert.NotEqual(answers, photos.ConvertAll(photo => new Faults(options with { Seed = 2 }).Decide(photo, 1)));
    }

    [Fact]
    public void Faults_never_come_more_often_in_a_row_than_allowed()
    {
        var faults = new Faults(new() { Percent503 = 90, FaultsInARow = 3 });

        foreach (var photo in Enumerable.Range(0, 200).Select(i => $"S1000/{i}"))
        {
            var answers = string.Concat(Enumerable.Range(1, 60).Select(attempt => faults.Decide(photo, attempt) == PhotoAnswer.Ok ? '.' : 'x'));
            Assert.DoesNotContain("xxxx", answers, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Latency_has_the_median_and_the_spread_asked_for()
    {
        var faults = new Faults(new() { LatencyMedianMs = 300, LatencySpreadMs = 150 });

        var latencies = Enumerable.Range(0, 10_000).Select(i => faults.Latency($"S1000/{i}", 1).TotalMilliseconds).Order().ToList();

        Assert.Equal(300, latencies[5_000], 10.0);
        Assert.Equal(450, latencies[8_413], 20.0);
        Assert.True(latencies[^1] <= 3_000);
    }

    [Fact]
    public async Task Hundreds_of_late_answers_wait_at_the_same_time()
    {
        var time = new FakeTimeProvider();
        await using var mls = await SampleMlsServer.StartAsync(
            Small with { LatencyMedianMs = 1_000, LatencySpreadMs = 500, PhotosPerListing = 100 }, time);
        using var http = new HttpClient { BaseAddress = mls.Address };

        var gets = Enumerable.Range(0, 400).Select(i => http.GetByteArrayAsync($"photos/S1000/{i % 100}.jpg")).ToList();
        while (mls.TotalGets < 400) await Task.Yield();
        Assert.Equal(0, mls.Answers.Values.Sum());

        while (!Task.WhenAll(gets).IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await Task.WhenAll(gets);
        Assert.Equal(400, mls.Answers[PhotoAnswer.Ok]);
    }

    [Fact]
    public async Task A_client_that_goes_away_is_counted()
    {
        await using var mls = await SampleMlsServer.StartAsync(Small with { LatencyMedianMs = 1_000 }, new FakeTimeProvider());
        using var http = new HttpClient { BaseAddress = mls.Address };
        using var going = new CancellationTokenSource();

        var get = http.GetByteArrayAsync("photos/S1000/0.jpg", going.Token);
        while (mls.TotalGets < 1) await Task.Yield();
        await going.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => get);
        while (mls.Answers[PhotoAnswer.Abandoned] < 1) await Task.Yield();

        Assert.Equal(1, mls.TotalGets);
    }
}
