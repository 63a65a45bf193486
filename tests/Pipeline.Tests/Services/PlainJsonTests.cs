using System.Text.Json;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Services;

/// <summary>FeedIngest as a process, for senders that know nothing of MassTransit.</summary>
public sealed class PlainJsonTests(PlainJsonTests.Ingest ingest) : IClassFixture<PlainJsonTests.Ingest>
{
    const string Submitted = "listing-photos-submitted";
    const string Requested = "listing-photos-requested";

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("text/plain")]
    [InlineData("no content type")]
    [InlineData(null)]
    public async Task A_submission_is_taken_whatever_its_content_type(string? contentType)
    {
        var key = NewKey();

        await ingest.Broker.PublishAsync("", Submitted, Submission(key), contentType: contentType);

        Assert.Equal(1, (await ingest.ChangedAsync(key)).GetProperty("photos").GetArrayLength());
    }

    [Theory]
    [InlineData("", Submitted)]
    [InlineData(Submitted, "")]
    [InlineData("ImagePipeline.Contracts:ListingPhotosSubmitted", "")]
    public async Task A_submission_is_taken_from_its_queue_and_from_its_exchanges(string exchange, string routingKey)
    {
        var key = NewKey();

        await ingest.Broker.PublishAsync(exchange, routingKey, Submission(key));

        await ingest.ChangedAsync(key);
    }

    [Fact]
    public async Task A_submission_in_the_envelope_is_taken_from_the_same_queue()
    {
        var key = NewKey();

        await ingest.Broker.PublishAsync(
            "", Submitted, Envelope("ListingPhotosSubmitted", Submission(key)), contentType: "application/vnd.masstransit+json");

        await ingest.ChangedAsync(key);
    }

    [Theory]
    [InlineData("", "missing required properties including: 'feed', 'listingKey', 'changedAt', 'photos'")]
    [InlineData("""{ "feed": "partner", "listingKey": "X", "changedAt": "2026-11-23T09:30:00Z" }""", "missing required properties including: 'photos'")]
    [InlineData("""{ "feed": "partner", "listingKey": "X", "changedAt": "yesterday", "photos": [] }""", "not in a supported DateTimeOffset format")]
    [InlineData("""{ "feed": "Partner", "listingKey": "X", "changedAt": "2026-11-23T09:30:00Z", "photos": [] }""", "Its feed must be")]
    [InlineData("{ \"feed\": ", "Expected depth to be zero")]
    [InlineData("null", "")]
    [InlineData("[]", "The JSON value could not be converted")]
    [InlineData("7", "The JSON value could not be converted")]
    public async Task What_cannot_be_read_is_an_error_once_as_it_was_and_what_comes_after_it_is_taken(string body, string why)
    {
        var key = NewKey();

        await ingest.Broker.PublishAsync("", Submitted, body);
        await ingest.Broker.PublishAsync("", Submitted, Submission(key));

        await ingest.ChangedAsync(key);
        var error = await ingest.ErrorAsync(Submitted);
        Assert.Equal((body, "application/json"), (error.Body, error.Properties.ContentType));
        Assert.Contains(why, (string)error.Headers["MT-Fault-Message"]!, StringComparison.Ordinal);
        Assert.Equal(0, await ingest.Broker.CountAsync($"{Submitted}_error"));
    }

    [Fact]
    public async Task A_request_that_failed_can_be_sent_again_as_it_is()
    {
        var key = NewKey();
        var request = $$"""{ "feed": "partner", "listingKey": "{{key}}", "reason": "A visitor has opened the listing.", "urgent": true }""";
        await ingest.Broker.PublishAsync("ImagePipeline.Contracts:ListingPhotosRequested", "", request, contentType: null);
        var error = await ingest.ErrorAsync(Requested);
        Assert.Equal($"Feed partner has no listing {key}, so it cannot be asked for.", error.Headers["MT-Fault-Message"]);
        await ingest.Broker.PublishAsync("", Submitted, Submission(key));
        Assert.False((await ingest.ChangedAsync(key)).GetProperty("urgent").GetBoolean());

        await ingest.Broker.PublishAsync("", Requested, error.Body, new(error.Headers), error.Properties.ContentType);

        Assert.True((await ingest.ChangedAsync(key)).GetProperty("urgent").GetBoolean());
    }

    static string NewKey() => $"L{Guid.NewGuid():N}";

    static string Submission(string key) =>
        $$"""{ "feed": "partner", "listingKey": "{{key}}", "changedAt": "2026-11-23T09:30:00Z", "photos": [ { "url": "https://photos.example.com/{{key}}.jpg" } ] }""";

    internal static string Envelope(string message, string body) =>
        $$"""{ "messageId": "{{Guid.NewGuid()}}", "messageType": [ "urn:message:ImagePipeline.Contracts:{{message}}" ], "message": {{body}} }""";

    public sealed class Ingest(RabbitMqServer rabbitMq, PostgresServer postgres) : IAsyncLifetime
    {
        readonly TempFolder _folder = new();
        ServiceProcess _process = null!;

        public TestBroker Broker { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Broker = await rabbitMq.CreateVirtualHostAsync();
            var deployment = new Deployment(_folder, Broker, await postgres.CreateDatabaseAsync());
            await deployment.UseFeedAsync(null);
            _process = deployment.Start("FeedIngest");
            await _process.UntilReadyAsync();
        }

        /// <summary>What ListingNotifier would be told of a listing next.</summary>
        public async Task<JsonElement> ChangedAsync(string key)
        {
            while (true)
            {
                var message = JsonDocument.Parse((await NextAsync("listing-notifier")).Body).RootElement.GetProperty("message");
                if (message.GetProperty("listingKey").GetString() == key)
                    return message;
            }
        }

        /// <summary>What is found next among the errors of a queue.</summary>
        public Task<TestMessage> ErrorAsync(string queue) => NextAsync($"{queue}_error");

        async Task<TestMessage> NextAsync(string queue)
        {
            await Eventually.IsSoAsync(async () => await Broker.CountAsync(queue) > 0);
            return (await Broker.GetAsync(queue))!;
        }

        public async ValueTask DisposeAsync()
        {
            await _process.DisposeAsync();
            await Broker.DisposeAsync();
            _folder.Dispose();
        }
    }
}
