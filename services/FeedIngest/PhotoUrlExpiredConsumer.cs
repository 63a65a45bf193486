using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Feeds;
using ImagePipeline.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;

namespace ImagePipeline.FeedIngest;

/// <summary>
/// Fetches a fresh URL by reading the listing again, once for all photos of the listing that expired together, and asks for the photo with it. PhotoWorker
/// bounds how often. Second delivery: one more request, which finds the photo stored.
/// </summary>
sealed class PhotoUrlExpiredConsumer(
    FeedSource source, IOptionsMonitor<FeedOptions> feeds, FeedListingTable table, ListingIntake intake, ILanes lanes, ListingLocks locks)
    : IConsumer<PhotoUrlExpired>
{
    public async Task Consume(ConsumeContext<PhotoUrlExpired> context)
    {
        var expired = context.Message;
        var cancellation = context.CancellationToken;
        var known = await table.FindAsync(expired.Feed, expired.ListingKey, cancellation);
        var expiredAt = context.SentTime is { } sent ? new DateTimeOffset(sent, TimeSpan.Zero) : DateTimeOffset.MaxValue;
        if (known is null || known.SeenAt < expiredAt)
            known = await ReadAgainAsync(expired, cancellation);

        // Not in the set any more, or in another version: the listing's own change has asked for what is wanted now.
        if (known?.Photos.FirstOrDefault(p => p.MediaKey == expired.MediaKey && p.Version == expired.Version) is { } photo)
            await lanes.SendAsync([ListingIntake.Request(known, photo, expired.LeaseRefreshes + 1, expired.Urgent)], cancellation);
    }

    async Task<KnownListing?> ReadAgainAsync(PhotoUrlExpired expired, CancellationToken cancellation)
    {
        var options = feeds.Get(expired.Feed);
        if (options.Source.Length > 0 && await source.ReadListingAsync(expired.Feed, options, expired.ListingKey, cancellation) is { } listing)
            await intake.TakeAsync(listing, cancellation);

        // A listing that cannot be read again keeps its URL: the worker, told that it was refreshed, calls the photo failed in the end.
        using var held = await locks.HoldAsync(expired.Feed, expired.ListingKey, cancellation);
        return await table.FindAsync(expired.Feed, expired.ListingKey, cancellation);
    }
}
