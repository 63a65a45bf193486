using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Feeds;
using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace ImagePipeline.FeedIngest;

/// <summary>
/// Takes in what was said of a listing: compares with what is known, publishes what is new, then saves. Killed before the save, the next read
/// publishes it again under a higher generation; nothing is lost.
/// </summary>
sealed class ListingIntake(FeedListingTable table, ILanes lanes, Publisher publisher, ListingLocks locks, IOptions<FeedIngestOptions> options, TimeProvider time)
{
    readonly DateTimeOffset _start = time.GetUtcNow();

    /// <summary>Takes in a listing just read.</summary>
    public async Task TakeAsync(ReadListing read, CancellationToken cancellation)
    {
        using var held = await locks.HoldAsync(read.Feed, read.ListingKey, cancellation);
        // What a feed says counts, also where it goes back in time; unless another process takes in something newer at this very moment.
        var looks = 0;
        await RepeatAsync(
            read.Feed, read.ListingKey, known => looks++ == 0 ? Changed(known, read) : ChangedUnlessOlder(known, read), urgent: false, cancellation);
    }

    /// <summary>Takes in a submission, unless a newer one of its listing was taken in before: messages may overtake each other.</summary>
    public async Task TakeUnlessOlderAsync(ReadListing read, CancellationToken cancellation)
    {
        using var held = await locks.HoldAsync(read.Feed, read.ListingKey, cancellation);
        await RepeatAsync(read.Feed, read.ListingKey, known => ChangedUnlessOlder(known, read), urgent: false, cancellation);
    }

    /// <summary>Asks for a listing again, with the URLs known last. False when it is not known.</summary>
    public async Task<bool> AskAsync(string feed, string listingKey, bool urgent, CancellationToken cancellation)
    {
        using var held = await locks.HoldAsync(feed, listingKey, cancellation);
        return await RepeatAsync(feed, listingKey, known => known is null ? null : Again(known, everything: true), urgent, cancellation);
    }

    /// <summary>Asks for a listing again because it is unfinished. False when another process has asked, or it is finished by now: nothing is asked then.</summary>
    public async Task<bool> AskUnfinishedAsync(KnownListing listing, CancellationToken cancellation)
    {
        using var held = await locks.HoldAsync(listing.Feed, listing.ListingKey, cancellation);
        return await RepeatAsync(
            listing.Feed,
            listing.ListingKey,
            known => known?.IsSameAskAs(listing) == true && (!known.IsFinal || known.HasFailed) ? Again(known, everything: false) : null,
            urgent: false,
            cancellation);
    }

    /// <summary>Tells a listing anew when a higher generation than the known one was told and never saved, because its teller was killed in between.</summary>
    public async Task RestateAsync(string feed, string listingKey, long told, CancellationToken cancellation)
    {
        using var held = await locks.HoldAsync(feed, listingKey, cancellation);
        await RepeatAsync(feed, listingKey, known => known?.Generation < told ? Restated(known, told) : null, urgent: false, cancellation);
    }

    ListingChange Again(KnownListing known, bool everything) => ListingChange.Again(known, time.GetUtcNow(), options.Value, everything);

    ListingChange Restated(KnownListing known, long above) => ListingChange.Restated(known, above, time.GetUtcNow(), options.Value.AskAgainAfter);

    ListingChange? ChangedUnlessOlder(KnownListing? known, ReadListing read) => known is not null && read.ChangedAt < known.ChangedAt ? null : Changed(known, read);

    ListingChange? Changed(KnownListing? known, ReadListing read)
    {
        var now = time.GetUtcNow();
        var change = ListingChange.Between(known, read, now, options.Value.AskAgainAfter);
        // What a process that is gone asked for is asked for with the fresh URLs, now that they are at hand.
        return known is not null && IsLeftOver(known) ? change?.WithLeftOver(now, options.Value) : change;
    }

    bool IsLeftOver(KnownListing known) => options.Value.AskAtStart && known.AskedAt < _start && (!known.IsFinal || known.HasFailed);

    async Task<bool> RepeatAsync(string feed, string listingKey, Func<KnownListing?, ListingChange?> decide, bool urgent, CancellationToken cancellation)
    {
        KnownListing? told = null;
        while (true)
        {
            var known = await table.FindAsync(feed, listingKey, cancellation);
            var change = decide(known);
            // Another process was faster. What this one has told meanwhile must not outlive what that one saved.
            if (told is not null && known?.Outranks(told) == false)
                change = change is { Kind: not ChangeKind.None } ? change.Above(told.Generation, time.GetUtcNow()) : Restated(known, told.Generation);
            if (change is null)
                return false;
            await PublishAsync(change, urgent, cancellation);
            if (await table.SaveAsync(known, change.Next, cancellation))
                return true;
            if (change.Kind != ChangeKind.None)
                told = change.Next;
        }
    }

    async Task PublishAsync(ListingChange change, bool urgent, CancellationToken cancellation)
    {
        var next = change.Next;
        switch (change.Kind)
        {
            case ChangeKind.Changed:
                await publisher.PublishAsync(Set(next, urgent), next.ListingUid, cancellation);
                await lanes.SendAsync([.. change.Requests.Select(p => Request(next, p, leaseRefreshes: 0, urgent))], cancellation);
                break;
            case ChangeKind.Withdrawn:
                await publisher.PublishAsync(Withdrawal(next), next.ListingUid, cancellation);
                break;
        }
    }

    static ListingPhotosChanged Set(KnownListing listing, bool urgent) => new()
    {
        Feed = listing.Feed,
        ListingKey = listing.ListingKey,
        ListingUid = listing.ListingUid,
        ListingId = listing.ListingId,
        Generation = listing.Generation,
        Ask = listing.Ask,
        ChangedAt = listing.ChangedAt,
        Urgent = urgent,
        Photos = [.. listing.Photos.Select(p => new ListedPhoto
        {
            PhotoId = Identity.PhotoId(listing.ListingUid, p.MediaKey),
            MediaKey = p.MediaKey,
            Version = p.Version,
            Order = p.Order,
            Primary = p.Primary,
            Caption = p.Caption,
            Kind = p.Kind,
            Alteration = p.Alteration,
            Permissions = p.Permissions,
        })],
    };

    static ListingWithdrawn Withdrawal(KnownListing listing) => new()
    {
        Feed = listing.Feed,
        ListingKey = listing.ListingKey,
        ListingUid = listing.ListingUid,
        Generation = listing.Generation,
        Why = listing.Withdrawn!,
    };

    /// <summary>The request for one photo of a listing.</summary>
    public static PhotoRequested Request(KnownListing listing, ReadPhoto photo, int leaseRefreshes, bool urgent) => new()
    {
        Feed = listing.Feed,
        ListingKey = listing.ListingKey,
        ListingUid = listing.ListingUid,
        PhotoId = Identity.PhotoId(listing.ListingUid, photo.MediaKey),
        MediaKey = photo.MediaKey,
        Version = photo.Version,
        Generation = listing.Generation,
        SourceUrl = photo.Url,
        ExpiresAt = photo.ExpiresAt,
        SingleUse = photo.SingleUse,
        LeaseRefreshes = leaseRefreshes,
        Urgent = urgent,
    };
}
