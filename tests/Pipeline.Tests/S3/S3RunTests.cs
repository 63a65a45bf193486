using System.Collections.Concurrent;
using ImagePipeline.SampleMls;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Pipeline.Tests.S3;

public sealed class S3RunTests(S3Server server, ITestOutputHelper output)
{
    [Fact]
    public async Task A_run_on_S3_ends_as_one_on_files_with_five_PUTs_a_photo_and_none_for_what_is_there()
    {
        const int listings = 8, photos = 80;
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions { Listings = listings, TotalPhotos = photos, Width = 400, Height = 300 });
        using TempFolder onFiles = new(), onS3 = new();
        await using var front = await S3Front.OpenAsync(await server.CreateBucketAsync(), keepsConditions: false);
        var (files, s3) = (new Imagepipe(onFiles), new Imagepipe(onS3).In(front.Bucket));
        await mls.WritePageAsync(onFiles["page.json"]);
        File.Copy(onFiles["page.json"], onS3["page.json"]);

        Assert.Equal(0, (await files.RunAsync("--feed", onFiles["page.json"])).ExitCode);
        var ended = await s3.RunAsync("--feed", onS3["page.json"]);

        Assert.True(ended.ExitCode == 0, ended.Said);
        output.WriteLine(ended.Out);
        var (fileStore, s3Store) = (files.Open(), s3.Open());
        using var closing = (IDisposable)fileStore;
        using var closingToo = (IDisposable)s3Store;
        Assert.Equal(await StoredObjects.PhotosAsync(fileStore), await StoredObjects.PhotosAsync(s3Store));
        Assert.Equal(await StoredObjects.LatestAsync(fileStore), await StoredObjects.LatestAsync(s3Store));
        Assert.Equal(photos, front.Puts("originals/"));
        Assert.Equal(photos * 4, front.Puts("renditions/"));
        Assert.Equal(photos * 5 + front.Puts("manifests/"), s3.Summary.GetProperty("puts").GetInt32());

        // Once more with all that is known, and once with nothing: what is there is found, not written.
        Assert.Equal(0, (await s3.RunAsync("--feed", onS3["page.json"])).ExitCode);
        File.Delete(onS3["s.db"]);
        Assert.Equal(0, (await s3.RunAsync("--feed", onS3["page.json"])).ExitCode);

        Assert.Equal(photos, s3.Photos("alreadyStored"));
        Assert.Equal(photos * 5, front.Puts("originals/") + front.Puts("renditions/"));
        Assert.DoesNotContain(front.Requests, r => r.Status is 403 or >= 500);
    }

    [Fact]
    public async Task Killed_at_random_moments_and_started_again_it_leaves_no_object_half_there_and_completes_every_listing()
    {
        const int kills = 6, listings = 10, photos = 200;
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions
        {
            Listings = listings,
            TotalPhotos = photos,
            Width = 400,
            Height = 300,
            LatencyMedianMs = 200,
            LatencySpreadMs = 150,
        });
        using TempFolder onFiles = new(), onS3 = new();
        await using var front = await S3Front.OpenAsync(await server.CreateBucketAsync(), keepsConditions: false);
        var (files, s3) = (new Imagepipe(onFiles), new Imagepipe(onS3).In(front.Bucket));
        await mls.WritePageAsync(onFiles["page.json"]);
        File.Copy(onFiles["page.json"], onS3["page.json"]);
        Assert.Equal(0, (await files.RunAsync("--feed", onFiles["page.json"])).ExitCode);
        var (fileStore, s3Store) = (files.Open(), s3.Open());
        using var closing = (IDisposable)fileStore;
        using var closingToo = (IDisposable)s3Store;
        var right = await StoredObjects.PhotosAsync(fileStore);

        for (var kill = 0; kill < kills; kill++)
        {
            // By what is written, so that on a slow machine, too, the kill falls into the work; the check that each start makes writes twice.
            var until = front.Puts("") + 2 + random.Next(1, 250);
            var run = s3.StartRun("--feed", onS3["page.json"]);
            var hasEnded = false;
            while (front.Puts("") < until && !hasEnded)
                hasEnded = run.EndsWithin(TimeSpan.FromMilliseconds(random.Next(1, 20)));
            if (hasEnded)
            {
                output.WriteLine($"ended before kill {kill + 1}");
                await run.EndAsync();
                break;
            }
            await run.KillAsync();
            var there = await StoredObjects.PhotosAsync(s3Store);
            output.WriteLine($"kill {kill + 1}: {there.Count} of {right.Count} objects");
            Assert.All(there, one => Assert.Equal(right[one.Key], one.Value));
        }
        var ended = await s3.RunAsync("--feed", onS3["page.json"]);

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(listings, s3.Summary.GetProperty("listings").GetProperty("complete").GetInt32());
        Assert.Equal(right, await StoredObjects.PhotosAsync(s3Store));
        Assert.Equal(await StoredObjects.LatestAsync(fileStore), await StoredObjects.LatestAsync(s3Store));
    }

    [Theory]
    [InlineData("throttled")]
    [InlineData("cut off")]
    [InlineData("refused")]
    public async Task A_store_that_is_of_no_use_for_a_while_closes_its_gate_and_costs_no_photo_a_try_or_a_second_GET(string how)
    {
        const int photos = 80;
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions
        {
            Listings = 10,
            TotalPhotos = photos,
            Width = 320,
            Height = 240,
            LatencyMedianMs = 400,
            LatencySpreadMs = 300,
        });
        using var folder = new TempFolder();
        await using var front = await S3Front.OpenAsync(await server.CreateBucketAsync());
        var imagepipe = new Imagepipe(folder).In(front.Bucket);
        imagepipe.Environment["PhotoWorker__LaneConcurrency"] = "16";
        await mls.WritePageAsync(folder["page.json"]);

        var run = imagepipe.StartRun("--feed", folder["page.json"]);
        await Eventually.IsSoAsync(() => front.Puts("renditions/") > 30);
        var asked = 0;
        front.Fault = (http, _) =>
        {
            Interlocked.Increment(ref asked);
            switch (how)
            {
                case "throttled":
                    return S3Front.RefuseAsync(http, 503, "SlowDown");
                case "refused":
                    return S3Front.RefuseAsync(http, 403, "AccessDenied");
                default:
                    http.Abort();
                    return Task.CompletedTask;
            }
        };
        // What was on its way, and its tries, are over when no request comes for two seconds; the pauses between probes grow beyond that.
        var askedBefore = 0;
        await Eventually.IsSoAsync(async () =>
        {
            askedBefore = Volatile.Read(ref asked);
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
            return askedBefore > 0 && Volatile.Read(ref asked) == askedBefore;
        });
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        var askedWhileClosed = Volatile.Read(ref asked) - askedBefore;
        front.Fault = null;
        var ended = await run.EndAsync();

        output.WriteLine($"asked {askedBefore} times, then {askedWhileClosed} times in 4 s");
        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(photos, imagepipe.Photos("stored"));
        Assert.Equal(photos, mls.TotalGets);
        Assert.Equal(0, imagepipe.Summary.GetProperty("http").GetProperty("retries").GetInt32());
        Assert.Contains("The gate store is closed until", ended.Error, StringComparison.Ordinal);
        // One probe at a time: a request, or a few tries of it and a look.
        Assert.InRange(askedWhileClosed, 0, 20);
    }

    [Fact]
    public async Task The_doctor_writes_reads_and_deletes_there_and_says_what_is_missing()
    {
        using var folder = new TempFolder();
        var bucket = await server.CreateBucketAsync();
        var imagepipe = new Imagepipe(folder).In(bucket);

        var well = await imagepipe.CommandAsync("doctor", "--state", folder["s.db"]);
        imagepipe.Environment["AWS_ACCESS_KEY_ID"] = "";
        imagepipe.Environment["AWS_SECRET_ACCESS_KEY"] = "";
        var poor = await imagepipe.CommandAsync("doctor", "--state", folder["s.db"]);

        Assert.True(well.ExitCode == 0, well.Said);
        Assert.Contains($"{bucket.Url} at {bucket.Endpoint.Authority}, which keeps no conditions on writes", well.Out, StringComparison.Ordinal);
        Assert.Contains("written, read and deleted", well.Out, StringComparison.Ordinal);
        Assert.Equal(1, poor.ExitCode);
        Assert.Contains($"The photo store {bucket.Url} (setting Store:Url, environment variable Store__Url) cannot be used: no AWS credentials were found", poor.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(S3Server.SecretKey, well.Said + poor.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_SDK_knows_from_its_own_variables_holds_where_nothing_is_set()
    {
        using var folder = new TempFolder();
        await using var front = await S3Front.OpenAsync(await server.CreateBucketAsync());
        var imagepipe = new Imagepipe(folder).In(front.Bucket);
        var puts = new ConcurrentQueue<(string Scope, bool HasChecksum, string Payload)>();
        front.Fault = (http, pass) =>
        {
            var headers = http.Request.Headers;
            if (http.Request.Method == "PUT")
                puts.Enqueue((headers.Authorization.ToString().Split('/')[2], headers.ContainsKey("x-amz-checksum-crc32"), headers["x-amz-content-sha256"].ToString()));
            return pass();
        };

        imagepipe.Environment.Remove("Store__Endpoint");
        imagepipe.Environment.Remove("Store__Url");
        var nowhere = await imagepipe.CommandAsync("doctor", "--state", folder["s.db"], "--store", front.Bucket.Url);
        imagepipe.Environment["AWS_ENDPOINT_URL_S3"] = front.Bucket.Endpoint.ToString();
        imagepipe.Environment["AWS_REGION"] = "eu-north-1";
        var there = await imagepipe.CommandAsync("doctor", "--state", folder["s.db"], "--store", front.Bucket.Url);
        imagepipe.Environment["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_required";
        var withoutChecksums = await imagepipe.CommandAsync("doctor", "--state", folder["s.db"], "--store", front.Bucket.Url);

        Assert.Contains("its region is not known: set Store__Region or AWS_REGION", nowhere.Out, StringComparison.Ordinal);
        Assert.True(there.ExitCode == 0 && withoutChecksums.ExitCode == 0, there.Said + withoutChecksums.Said);
        Assert.Equal([true, true, false, false], puts.Select(put => put.HasChecksum));
        Assert.All(puts, put => Assert.Equal(("eu-north-1", 64), (put.Scope, put.Payload.Length)));
    }

    [Fact]
    public async Task Settings_that_cannot_be_are_told_before_anything_is_done()
    {
        using var folder = new TempFolder();
        var imagepipe = new Imagepipe(folder);
        imagepipe.Environment["Store__Endpoint"] = "minio:9000";
        imagepipe.Environment["Store__PublicBaseUrl"] = "cdn.example.com";
        imagepipe.Environment["Store__ConcurrentRequests"] = "0";

        var ended = await imagepipe.RunAsync("--feed", folder["none.json"]);

        Assert.Equal(2, ended.ExitCode);
        foreach (var name in new[] { "Endpoint", "PublicBaseUrl", "ConcurrentRequests" })
            Assert.Contains($"Store:{name} (environment variable Store__{name}) is ", ended.Error, StringComparison.Ordinal);
    }
}
