using System.Data.Common;
using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Feeds;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.Storage.Database;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace ImagePipeline.FeedIngest;

/// <summary>Everything FeedIngest is made of.</summary>
public static class FeedIngestSetup
{
    const int ListingsReadAtOnce = 16;

    /// <summary>Adds what runs beside the bus: the reading of feeds and the asking again.</summary>
    public static IServiceCollection AddFeedIngest(this IServiceCollection services)
    {
        services.AddValidatedOptions<FeedIngestOptions>("FeedIngest");
        services.AddFeedReading();
        services.AddSingleton<FeedListingTable>();
        services.AddSingleton<FeedStatuses>();
        services.AddSingleton<ListingLocks>();
        services.AddSingleton<ListingIntake>();
        services.AddSingleton<Pacing>();
        services.AddSingleton<AskingAgain>();
        services.AddHostedService<FeedReading>();
        services.AddHostedService<LaneMetrics>();
        return services;
    }

    /// <summary>Adds the consumers to the bus.</summary>
    public static void AddFeedIngestConsumers(this IRegistrationConfigurator bus)
    {
        bus.AddConsumer<ListingPhotosSubmittedConsumer, FromOutside<ListingPhotosSubmittedConsumer>>(Retry);
        bus.AddConsumer<ListingPhotosRequestedConsumer, FromOutside<ListingPhotosRequestedConsumer>>(Retry);
        bus.AddConsumer<PhotoUrlExpiredConsumer>(consumer =>
        {
            Retry(consumer);
            // One photo of a listing after the other, so that the first reads the listing and the others find it read.
            consumer.Message<PhotoUrlExpired>(m => m.UsePartitioner(ListingsReadAtOnce, c => c.Message.ListingUid));
        });
        bus.AddConsumer<AnnouncementConsumer>(Retry).Endpoint(e => e.Name = "feed-announcements");
    }

    // A statement or a feed that hiccups: about 10 s in all, then the message is an error. Nothing else here gets better by itself. A database that is
    // gone uses none of them: its gate holds the message.
    static void Retry<T>(IConsumerConfigurator<T> consumer)
        where T : class => consumer.UseMessageRetry(r =>
        {
            r.Handle<DbException>(e => !DatabaseOutage.Is(e));
            r.Handle<FeedUnreadableException>();
            r.Intervals(100, 500, 2_000, 7_000);
        });
}
