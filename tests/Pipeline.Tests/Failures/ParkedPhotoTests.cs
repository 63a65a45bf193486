using System.Text.Json;
using ImagePipeline.Contracts;
using ImagePipeline.Pipeline.Tests.Bus;
using ImagePipeline.ServiceDefaults.RabbitMq;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ImagePipeline.Pipeline.Tests.Failures;

/// <summary>A photo whose request was parked has failed, and its listing hears of it, although no bus publishes a fault.</summary>
public sealed class ParkedPhotoTests(RabbitMqServer rabbitMq, PostgresServer postgres)
{
    [Fact]
    public async Task A_listing_whose_only_photo_is_parked_is_announced_final_and_incomplete_with_that_photo_failed_also_when_the_intake_is_killed_in_between()
    {
        using var folder = new TempFolder();
        await using var intake = await Intake.CreateAsync(DatabaseKind.PostgreSql, rabbitMq, postgres);
        await using var announced = await AnnouncementsAsync(intake.Broker);
        var request = Bus.Some.Request("a");
        await using (var host = await BusHost.StartAsync(intake.Broker, intake.Database))
        {
            await host.Bus.Publish(Listed(request));
            await host.Lanes.SendAsync([request], CancellationToken.None);
            await FailureIntakeTests.ParkAsync(intake.Broker, "photo-requested-a");
        }

        // One that has kept it, has told the saga and is killed: the message is not acknowledged.
        await using (var killed = await intake.Broker.ConnectAsync())
        {
            var channel = await killed.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
            var got = (await channel.BasicGetAsync("parking", autoAck: false))!;
            var taken = FailedDelivery.Read("parking", new BasicDeliverEventArgs("", got.DeliveryTag, got.Redelivered, got.Exchange, got.RoutingKey, got.BasicProperties, got.Body));
            await intake.Table.AddAsync([taken], default);
            await ParkedPhoto.TellAsync(channel, taken, TimeProvider.System, default);
            await killed.AbortAsync();
        }
        await Eventually.IsAsync(1, () => intake.Broker.CountAsync("parking"));
        // ListingNotifier takes it in itself, and is told by it.
        var deployment = new Deployment(folder, intake.Broker, intake.Database.ConnectionString) { Environment = { ["Errors__TakeIn"] = "true", ["Errors__TakeInInterval"] = "00:00:00.2" } };
        await deployment.UseFeedAsync(null);
        await using var notifier = deployment.Start("ListingNotifier");

        var ready = await announced.Heard.FirstAsync<PhotosReady>();
        Assert.Equal(("a", "S1", false, true), (ready.Feed, ready.ListingKey, ready.Complete, ready.Final));
        var missing = Assert.Single(ready.Missing);
        Assert.Equal((request.PhotoId, MissingReason.Failed), (missing.PhotoId, missing.Reason));
        await Eventually.IsAsync((0, 0), async () => (await intake.Broker.CountAsync("parking"), await intake.Broker.CountAsync("listing-notifier")));
        Assert.Equal(1, (await intake.OneAsync()).Failures);
        Assert.Single(announced.Heard.All<PhotosReady>());
    }

    [Fact]
    public async Task Where_no_ListingNotifier_was_ever_started_what_it_is_told_waits_for_it()
    {
        await using var intake = await Intake.CreateAsync(DatabaseKind.Sqlite, rabbitMq, postgres);
        await intake.DeclareAsync("parking");
        await intake.PutAsync("parking", 3, i => ($"{i}", Intake.Envelope($"{i}"), []));

        Assert.Equal(3, await intake.TakeInAsync());

        await Eventually.IsAsync((0, 3), async () => (await intake.Broker.CountAsync("parking"), await intake.Broker.CountAsync("listing-notifier")));
        Assert.Equal(3, (await intake.AllAsync()).Count);
        var told = JsonDocument.Parse((await intake.Broker.GetAsync("listing-notifier"))!.Body).RootElement;
        Assert.Equal("urn:message:MassTransit:Fault[[ImagePipeline.Contracts:PhotoRequested]]", told.GetProperty("messageType")[0].GetString());
        // Declared as ListingNotifier itself declares it.
        await using var host = await BusHost.StartAsync(intake.Broker, intake.Database);
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("""{ "messageType": ["urn:message:ImagePipeline.Contracts:PhotoRequested"], "message": { "feed": "a" } }""")]
    [InlineData("""{ "messageType": ["urn:message:ImagePipeline.Contracts:ListingWithdrawn"], "message": { "feed": "a", "listingKey": "b", "photoId": "c" } }""")]
    [InlineData("""{ "messageType": ["urn:message:ImagePipeline.Contracts:PhotoRequested"], "message": { "feed": "a", "listingKey": "b", "photoId": "c", "caption": "\ud800" } }""", true)]
    [InlineData("\uFEFF{ \"MessageType\": [\"urn:message:ImagePipeline.Contracts:PhotoRequested\"], \"Message\": { \"Feed\": \"a\", \"listingKey\": \"b\", \"photoId\": \"c\", \"feed\": \"a\" } }", true)]
    public async Task A_parked_message_that_is_no_request_or_hardly_one_is_kept_like_any_other(string body, bool maybeTold = false)
    {
        await using var intake = await Intake.CreateAsync(DatabaseKind.Sqlite, rabbitMq, postgres);
        await intake.DeclareAsync("parking");
        await intake.PutAsync("parking", 1, _ => (null, body, []));

        Assert.Equal(1, await intake.TakeInAsync());

        await intake.OneAsync();
        Assert.Equal(0, await intake.Broker.CountAsync("parking"));
        if (!maybeTold)
            Assert.Null(await intake.Broker.CountAsync("listing-notifier"));
    }

    static ListingPhotosChanged Listed(PhotoRequested request) => new()
    {
        Feed = request.Feed,
        ListingKey = request.ListingKey,
        ListingUid = request.ListingUid,
        ListingId = null,
        Generation = request.Generation,
        Ask = 0,
        ChangedAt = TimeProvider.System.GetUtcNow(),
        Urgent = false,
        Photos =
        [
            new ListedPhoto
            {
                PhotoId = request.PhotoId, MediaKey = request.MediaKey, Version = request.Version, Order = 0, Primary = true, Caption = null, Kind = "Photo", Alteration = [], Permissions = [],
            },
        ],
    };

    static async Task<Announcements> AnnouncementsAsync(TestBroker broker)
    {
        var connection = await broker.ConnectAsync();
        var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync("ImagePipeline.Contracts:PhotosReady", ExchangeType.Fanout, durable: true);
        await channel.QueueDeclareAsync("website", durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync("website", "ImagePipeline.Contracts:PhotosReady", "");
        var announcements = new Announcements(connection);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, e) => announcements.Heard.Add(JsonDocument.Parse(e.Body).RootElement.GetProperty("message").Deserialize<PhotosReady>(Json)!);
        await channel.BasicConsumeAsync("website", autoAck: true, consumer);
        return announcements;
    }

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() } };

    sealed class Announcements(IConnection connection) : IAsyncDisposable
    {
        public Heard Heard { get; } = new();

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
