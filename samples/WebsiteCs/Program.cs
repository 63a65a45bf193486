using ImagePipeline.Contracts;
using MassTransit;
using WebsiteCs;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddOptions<RabbitMqTransportOptions>().BindConfiguration("RabbitMqTransport");
builder.Services.AddOptions<UsageTelemetryOptions>().Configure(telemetry => telemetry.Enabled = false);
var listings = new Listings(builder.Configuration["PhotosUrl"]!);

builder.Services.AddMassTransit(bus => bus.UsingRabbitMq((_, broker) => broker.ReceiveEndpoint("website", queue =>
{
    queue.SetQuorumQueue();
    queue.SetQueueArgument("x-delivery-limit", 1_000_000);
    queue.SingleActiveConsumer = true;
    queue.PrefetchCount = 1;
    queue.UseMessageRetry(retry => retry.Interval(100, TimeSpan.FromSeconds(10)));
    queue.Handler<PhotosReady>(heard => listings.ApplyAsync(heard.Message));
    queue.Handler<PhotosRemoved>(heard => listings.RemoveAsync(heard.Message));
})));

var app = builder.Build();
app.MapGet("/listings/{feed}/{listingKey}", (string feed, string listingKey) =>
    listings.Find(feed, listingKey) is { } listing ? Results.Ok(listing) : Results.NotFound());

app.MapPost("/listings/{feed}/{listingKey}/ask", (string feed, string listingKey, IPublishEndpoint bus) =>
    bus.Publish(new ListingPhotosRequested
    {
        Feed = feed,
        ListingKey = listingKey,
        Reason = "A visitor has opened the listing.",
        Urgent = true,
    }, to => to.Mandatory = true));

app.MapPut("/listings/{feed}/{listingKey}", (string feed, string listingKey, DateTimeOffset changedAt, string[] urls, IPublishEndpoint bus) =>
    bus.Publish(new ListingPhotosSubmitted
    {
        Feed = feed,
        ListingKey = listingKey,
        ChangedAt = changedAt,
        Photos = [.. urls.Select((url, i) => new SubmittedPhoto { Url = url, Key = $"{listingKey}-{i + 1}", Caption = $"Photo {i + 1}" })],
    }, to => to.Mandatory = true));

app.Run();
