using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Feeds;
using ImagePipeline.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;

namespace ImagePipeline.FeedIngest;

/// <summary>
/// Takes in what an ingestion system submits. Second delivery: nothing new, nothing sent. A submission that makes no sense throws, so that it is
/// found among the errors and its sender can be told.
/// </summary>
sealed class ListingPhotosSubmittedConsumer(IOptionsMonitor<FeedOptions> feeds, FeedStatuses statuses, ListingIntake intake)
    : IConsumer<ListingPhotosSubmitted>
{
    public async Task Consume(ConsumeContext<ListingPhotosSubmitted> context)
    {
        var leaseParameters = FeedId.IsValid(context.Message.Feed) ? feeds.Get(context.Message.Feed).LeaseParameters : null;
        switch (context.Message.ToReadListing(leaseParameters))
        {
            case RefusedRecord refused:
                throw new SubmissionRefusedException($"Feed {context.Message.Feed}, listing {refused.ListingKey ?? "without a key"}: {refused.Why}");
            case ReadListing listing:
                statuses.Of(listing.Feed);
                await intake.TakeUnlessOlderAsync(listing, context.CancellationToken);
                break;
        }
    }
}

/// <summary>A submission that its sender must correct. The message is a sentence for a person.</summary>
public sealed class SubmissionRefusedException(string message) : Exception(message);
