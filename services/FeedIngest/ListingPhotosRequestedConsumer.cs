using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Feeds;
using ImagePipeline.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;

namespace ImagePipeline.FeedIngest;

/// <summary>
/// Somebody wants a listing again: it is read anew where its feed can be read, then asked for, rejected photos included. Second delivery: asked for
/// once more, which finds everything stored.
/// </summary>
sealed class ListingPhotosRequestedConsumer(FeedSource source, IOptionsMonitor<FeedOptions> feeds, FeedStatuses statuses, ListingIntake intake)
    : IConsumer<ListingPhotosRequested>
{
    public async Task Consume(ConsumeContext<ListingPhotosRequested> context)
    {
        var request = context.Message;
        if (WhyNot(request) is { } why)
            throw new UnknownListingException($"A listing was asked for that cannot be: {why}");
        var options = feeds.Get(request.Feed);
        if (options.Source.Length > 0
            && await source.ReadListingAsync(request.Feed, options, request.ListingKey, context.CancellationToken) is { } listing)
            await intake.TakeAsync(listing, context.CancellationToken);

        if (!await intake.AskAsync(request.Feed, request.ListingKey, request.Urgent, context.CancellationToken))
            throw new UnknownListingException($"Feed {request.Feed} has no listing {request.ListingKey}, so it cannot be asked for.");
        statuses.Of(request.Feed);
    }

    static string? WhyNot(ListingPhotosRequested request) =>
        FeedId.IsValid(request.Feed) ? ListingKeys.WhyNot(request.ListingKey, "listingKey") : $"Its feed must be {FeedId.Rule}.";
}

/// <summary>A listing that no feed ever told of. The message is a sentence for a person.</summary>
public sealed class UnknownListingException(string message) : Exception(message);
