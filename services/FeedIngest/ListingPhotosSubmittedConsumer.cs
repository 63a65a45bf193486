using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Feeds;
using MassTransit;

namespace ImagePipeline.FeedIngest;

/// <summary>
/// Takes in what an ingestion system submits. Second delivery: nothing new, nothing sent. A submission that makes no sense throws, so that it is
/// found among the errors and its sender can be told.
/// </summary>
sealed class ListingPhotosSubmittedConsumer(ListingSubmission submission, FeedStatuses statuses, ListingIntake intake) : IConsumer<ListingPhotosSubmitted>
{
    public async Task Consume(ConsumeContext<ListingPhotosSubmitted> context)
    {
        var listing = submission.ToReadListing(context.Message, "a submission");
        statuses.Of(listing.Feed);
        await intake.TakeUnlessOlderAsync(listing, context.CancellationToken);
    }
}
