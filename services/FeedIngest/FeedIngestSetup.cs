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
        services.AddSingleton<FeedCursorTable>();
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

    /// <summary>When a message is tried again whose database, feed or other process needs a moment: about 10 s in all, then it is an error.</summary>
    internal static readonly IReadOnlyList<TimeSpan> Retries =
        [TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(7)];

    // Nothing else here gets better by itself. A database that is gone uses none of the retries: its gate holds the message.
    static void Retry<T>(IConsumerConfigurator<T> consumer)
        where T : class => consumer.UseMessageRetry(r =>
        {
            r.Handle<DbException>(e => !DatabaseOutage.Is(e));
            r.Handle<FeedUnreadableException>();
            r.Handle<NotSavedYetException>();
            r.Intervals([.. Retries]);
        });
}
