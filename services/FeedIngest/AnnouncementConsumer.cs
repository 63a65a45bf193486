using ImagePipeline.Contracts;
using MassTransit;

namespace ImagePipeline.FeedIngest;

/// <summary>
/// Hears how far a listing has come, so that what is final is not asked for again. One that speaks of what is not saved yet, by another process, is
/// heard again a little later. Second delivery, or one that is late: nothing changes. None ends among the errors: what cannot be made use of is made up
/// for by asking again.
/// </summary>
sealed class AnnouncementConsumer(FeedListingTable table, ListingIntake intake, ListingLocks locks) : IConsumer<PhotosReady>, IConsumer<PhotosRemoved>
{
    public async Task Consume(ConsumeContext<PhotosReady> context)
    {
        var (ready, cancellation) = (context.Message, context.CancellationToken);
        if (await HearAsync(ready.Feed, ready.ListingKey, () => table.HeardAsync(ready, cancellation), cancellation) != Hearing.TooEarly)
            return;
        LetTheSaveGoFirst(context);
        // Whoever told this generation was killed before it could save it, and ListingNotifier will not hear of a lower one any more.
        await intake.RestateAsync(ready.Feed, ready.ListingKey, ready.Generation, cancellation);
    }

    public async Task Consume(ConsumeContext<PhotosRemoved> context)
    {
        var (removed, cancellation) = (context.Message, context.CancellationToken);
        if (removed.Scope == RemovalScope.Listing
            && await HearAsync(removed.Feed, removed.ListingKey, () => table.HeardAsync(removed, cancellation), cancellation) == Hearing.TooEarly)
            // After the last try: the listing has come back, or is not known here.
            LetTheSaveGoFirst(context);
    }

    // An announcement can be faster than the save of what it announces; in this process the lock lets the save go first.
    async Task<Hearing> HearAsync(string feed, string listingKey, Func<Task<Hearing>> hear, CancellationToken cancellation)
    {
        using var held = await locks.HoldAsync(feed, listingKey, cancellation);
        return await hear();
    }

    static void LetTheSaveGoFirst(ConsumeContext context)
    {
        if (context.GetRetryAttempt() < FeedIngestSetup.Retries.Count)
            throw new NotSavedYetException("An announcement speaks of a listing's generation that is not saved yet.");
    }
}

/// <summary>An announcement was faster than the save of what it announces: heard again a little later.</summary>
public sealed class NotSavedYetException(string message) : Exception(message);
