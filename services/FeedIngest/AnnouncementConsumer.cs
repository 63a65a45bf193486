using ImagePipeline.Contracts;
using MassTransit;

namespace ImagePipeline.FeedIngest;

/// <summary>
/// Hears how far a listing has come, so that what is final is not asked for again. Second delivery, or one that is late: nothing changes.
/// </summary>
sealed class AnnouncementConsumer(FeedListingTable table, ListingLocks locks) : IConsumer<PhotosReady>, IConsumer<PhotosRemoved>
{
    public async Task Consume(ConsumeContext<PhotosReady> context)
    {
        // An announcement can be faster than the save of what it announces; the lock lets the save go first.
        using var held = await locks.HoldAsync(context.Message.Feed, context.Message.ListingKey, context.CancellationToken);
        await table.HeardAsync(context.Message, context.CancellationToken);
    }

    public async Task Consume(ConsumeContext<PhotosRemoved> context)
    {
        if (context.Message.Scope != RemovalScope.Listing)
            return;
        using var held = await locks.HoldAsync(context.Message.Feed, context.Message.ListingKey, context.CancellationToken);
        await table.HeardAsync(context.Message, context.CancellationToken);
    }
}
