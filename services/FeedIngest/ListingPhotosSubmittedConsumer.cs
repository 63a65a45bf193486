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
        var submission = context.Message;
        var feed = FeedId.IsValid(submission.Feed) ? submission.Feed : null;
        switch (submission.ToReadListing(feed is null ? null : feeds.Get(feed).LeaseParameters))
        {
            case RefusedRecord refused:
                // What is not valid is not repeated: it may be of any length and look like anything.
                throw new SubmissionRefusedException(
                    $"{(feed is null ? "A submission without a valid feed" : $"Feed {feed}")}, "
                    + $"{(refused.ListingKey is { } key ? $"listing {key}" : "a listing without a valid key")}: {refused.Why}");
            case ReadListing listing:
                statuses.Of(listing.Feed);
                await intake.TakeUnlessOlderAsync(listing, context.CancellationToken);
                break;
        }
    }
}

/// <summary>A submission that its sender must correct. The message is a sentence for a person.</summary>
public sealed class SubmissionRefusedException(string message) : Exception(message);
