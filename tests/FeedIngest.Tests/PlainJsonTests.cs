using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Tests.Feeds;
using ImagePipeline.TestSupport;
using MassTransit;

namespace ImagePipeline.FeedIngest.Tests;

public sealed class PlainJsonTests(PostgresServer postgres) : IAsyncLifetime
{
    const string Source = $"Feeds:{Some.Feed}:Source";

    TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_submission_in_plain_JSON_is_taken_and_told_in_the_envelope()
    {
        await using var ingest = await StartAsync();

        await ingest.SendPlainAsync("listing-photos-submitted", Some.Submitted("L1", 0, Some.SubmittedPhoto("a")));

        Assert.Equal("L1", (await ingest.Heard.FirstAsync<ListingPhotosChanged>()).ListingKey);
        // Told before its photos are asked for.
        await ingest.Heard.FirstAsync<Handled<ListingPhotosSubmitted>>();
        await ingest.SettleAsync();
        Assert.Equal("a", Assert.Single(ingest.Requested).MediaKey);
    }

    [Fact]
    public async Task A_submission_in_plain_JSON_that_makes_no_sense_fails_with_a_sentence_for_its_sender()
    {
        await using var ingest = await StartAsync();

        await ingest.SendPlainAsync("listing-photos-submitted", Some.Submitted() with { Photos = null! });

        var fault = await ingest.Heard.FirstAsync<Fault<ListingPhotosSubmitted>>();
        Assert.Equal("Feed acme, listing L1: Its photos are null; a listing without photos has an empty list.", Assert.Single(fault.Exceptions).Message);
        Assert.Equal("L1", fault.Message.ListingKey);
    }

    [Fact]
    public async Task A_request_in_plain_JSON_is_tried_again_when_its_feed_hiccups()
    {
        await using var feed = await TinyServer.StartAsync(
            TinyServer.Json(SomeFeed.Page()), TinyServer.Status(401), TinyServer.Status(401), TinyServer.Json(SomeFeed.Page(SomeFeed.Property("L1"))));
        await using var ingest = await StartAsync((Source, $"{feed.Url}/Property"), ("FeedIngest:Watch", "false"));
        await ingest.ReadAsync();

        await ingest.SendPlainAsync(
            "listing-photos-requested", new ListingPhotosRequested { Feed = Some.Feed, ListingKey = "L1", Reason = "A visitor has opened the listing.", Urgent = true });

        Assert.Equal("L1", (await ingest.Heard.FirstAsync<ListingPhotosChanged>()).ListingKey);
        Assert.Equal(4, feed.Requests.Count);
    }

    Task<IngestHost> StartAsync(params (string, string)[] settings) => IngestHost.StartAsync(_database, TimeProvider.System, settings);
}
