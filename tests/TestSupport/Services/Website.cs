using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ImagePipeline.TestSupport.Services;

/// <summary>A website that speaks AMQP and JSON and knows nothing of MassTransit: it keeps each PhotosReady, in the order it comes.</summary>
sealed class Website : IAsyncDisposable
{
    readonly Heard _heard = new();
    readonly IConnection _connection;

    Website(IConnection connection) => _connection = connection;

    public IReadOnlyList<PhotosReadyHeard> Announcements => _heard.All<PhotosReadyHeard>();

    /// <summary>Declares its queue and listens; the pipeline may not have been started yet.</summary>
    public static async Task<Website> OpenAsync(TestBroker broker)
    {
        const string queue = "website", exchange = "ImagePipeline.Contracts:PhotosReady";
        var website = new Website(await broker.ConnectAsync());
        var channel = await website._connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync(queue, exchange, "");
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            await website._heard.Add(PhotosReadyHeard.Parse(delivery.Body.Span));
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
        };
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer);
        return website;
    }

    /// <summary>The newest of each listing, by feed and key with a slash between.</summary>
    public IReadOnlyDictionary<string, PhotosReadyHeard> Latest => Announcements
        .GroupBy(a => a.Listing).ToDictionary(g => g.Key, g => g.MaxBy(a => a.Announcement)!);

    /// <summary>Waits until so many listings are complete.</summary>
    public async Task UntilCompleteAsync(int listings, TimeSpan patience) =>
        await Eventually.IsAsync(listings, () => Task.FromResult(Latest.Values.Count(a => a.Complete)), patience);

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();
}

/// <summary>What a website reads of an announcement.</summary>
sealed record PhotosReadyHeard(string Listing, long Announcement, bool Complete, bool Final, int Photos, DateTimeOffset At)
{
    public static PhotosReadyHeard Parse(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        using var document = JsonDocument.ParseValue(ref reader);
        var message = document.RootElement.GetProperty("message");
        return new(
            $"{message.GetProperty("feed").GetString()}/{message.GetProperty("listingKey").GetString()}", message.GetProperty("announcement").GetInt64(), message.GetProperty("complete").GetBoolean(),
            message.GetProperty("final").GetBoolean(), message.GetProperty("photos").GetArrayLength(), TimeProvider.System.GetUtcNow());
    }
}
