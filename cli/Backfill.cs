using ImagePipeline.Contracts;
using ImagePipeline.ListingNotifier;
using ImagePipeline.PhotoWorker;
using ImagePipeline.PhotoWorker.Imaging;
using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace ImagePipeline.Cli;

/// <summary>
/// Makes the configured profile of every photo that is shown in another one, from its kept original, and tells ListingNotifier of each listing when all of
/// its photos are done. Stores first, then tells, and keeps nothing of its own beside a number: killed anywhere, the next one finds in the store what
/// is made, and in the sagas what was told.
/// </summary>
sealed class Backfill(
    BackfillTable table,
    KeptPhotos photos,
    RenditionProfile profile,
    AnnouncementWatch watch,
    BackfillTally tally,
    Publisher publisher,
    IOptions<BackfillOptions> options,
    TimeProvider time) : IDisposable
{
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    // Photos, not listings, are what takes memory.
    readonly SemaphoreSlim _slots = new(options.Value.Concurrency);

    string? _trouble;

    /// <summary>Goes through the listings of one feed, or of all (null), until each that it changed is announced.</summary>
    public async Task RunAsync(string? feed, CancellationToken cancellation)
    {
        tally.Total = await table.CountAsync(feed, cancellation);
        var number = await table.BeginAsync(feed, profile.Key, cancellation);
        using var isTold = new CancellationTokenSource();
        var watching = watch.RunAsync(isTold.Token, cancellation);

        foreach (var listing in await table.WithdrawnAsync(number, feed, cancellation))
        {
            var told = Message(listing, number);
            await TellAsync(told, cancellation);
            watch.Add(told.ListingUid, number);
        }
        await Parallel.ForEachAsync(
            table.ListingsAsync(feed, cancellation),
            new ParallelOptions { MaxDegreeOfParallelism = options.Value.Concurrency, CancellationToken = cancellation },
            async (listing, each) =>
            {
                await LookAtAsync(listing, number, each);
                tally.LookedAtOne();
            });
        await isTold.CancelAsync();
        await watching;
        await table.EndAsync(number, feed, cancellation);
    }

    async Task LookAtAsync(ListingToLookAt shown, long number, CancellationToken cancellation)
    {
        if (await table.ReadAsync(shown.ListingUid, profile.Key, cancellation) is not { } listing)
            return;
        if (listing.Photos.Count == 0)
        {
            // A backfill before this one was killed before it saw the listing announced.
            if (shown.IsDue)
                watch.Add(listing.ListingUid, listing.Backfill);
            return;
        }
        if (listing.Backfill > number)
        {
            tally.LeftOneToNewer();
            return;
        }

        var all = await Task.WhenAll(listing.Photos.Select(photo => MakeAsync(listing, photo, cancellation)));
        await TellOfLeftAsync(listing, [.. all.Select(p => p.Left).OfType<PhotoLeft>()], cancellation);
        BackfilledPhoto[] made = [.. all.Select(p => p.Made).OfType<BackfilledPhoto>()];
        if (made.Length == 0)
            return;

        await TellAsync(Message(listing, number, made), cancellation);
        tally.ToldOne();
        watch.Add(listing.ListingUid, number);
    }

    async Task<(BackfilledPhoto? Made, PhotoLeft? Left)> MakeAsync(ListingToBackfill listing, PhotoToBackfill photo, CancellationToken cancellation)
    {
        await _slots.WaitAsync(cancellation);
        try
        {
            if (await photos.TryAsync(Wanted(listing, photo), urgent: false, cancellation) is not { } stored)
                return (null, new(photo, BackfillProblem.NoOriginal, "its original is not in the store"));
            tally.Made(stored.AlreadyStored);
            return (Made(stored), null);
        }
        catch (RejectedException e)
        {
            return (null, new(photo, BackfillProblem.Rejected, $"{e.Reason}: {e.Message.TrimEnd('.')}"));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Told with its name, and the exit code tells it too; the next backfill tries it again.
            return (null, new(photo, BackfillProblem.Failed, e.Message.TrimEnd('.')));
        }
        finally
        {
            _slots.Release();
        }
    }

    // What is not shown any more by now is nobody's loss: withdrawn, and its original deleted, while it was looked at.
    async Task TellOfLeftAsync(ListingToBackfill listing, IReadOnlyList<PhotoLeft> left, CancellationToken cancellation)
    {
        if (left.Count == 0)
            return;
        var shown = (await table.ReadAsync(listing.ListingUid, profile.Key, cancellation))?.Photos ?? [];
        foreach (var photo in left.Where(l => shown.Contains(l.Photo)))
        {
            var sentence = $"{listing.Feed} {listing.ListingKey} {photo.Photo.MediaKey}: {photo.Why}.";
            tally.Left(photo.Problem, sentence);
            RunProgress.Say($"Left as it is: {sentence}");
        }
    }

    // As long as it takes: whether that is too long is for whoever looks at the whole.
    async Task TellAsync(ListingBackfilled told, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await publisher.PublishAsync(told, told.ListingUid, cancellation);
                _trouble = null;
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                if (Interlocked.Exchange(ref _trouble, e.Message) is null)
                    RunProgress.Say($"ListingNotifier cannot be told, and that is repeated: {e.Message}");
            }
            await Task.Delay(RetryAfter, time, cancellation);
        }
    }

    static WantedPhoto Wanted(ListingToBackfill listing, PhotoToBackfill photo) => new()
    {
        Feed = listing.Feed,
        ListingKey = listing.ListingKey,
        ListingUid = listing.ListingUid,
        PhotoId = photo.PhotoId,
        MediaKey = photo.MediaKey,
        Version = photo.Version,
        Generation = listing.Generation,
    };

    static BackfilledPhoto Made(PhotoStored stored) => new()
    {
        PhotoId = stored.PhotoId,
        MediaKey = stored.MediaKey,
        Version = stored.Version,
        Original = stored.Original,
        Renditions = stored.Renditions,
        Sha256 = stored.Sha256,
        Copyright = stored.Copyright,
    };

    ListingBackfilled Message(ListingToBackfill listing, long number, IReadOnlyList<BackfilledPhoto> made) => new()
    {
        Feed = listing.Feed,
        ListingKey = listing.ListingKey,
        ListingUid = listing.ListingUid,
        Generation = listing.Generation,
        Backfill = number,
        Profile = profile.Key,
        Photos = made,
    };

    // Without photos: that something of a withdrawn listing may be there is all there is to tell.
    ListingBackfilled Message(WithdrawnListing listing, long number) => new()
    {
        Feed = listing.Feed,
        ListingKey = listing.ListingKey,
        ListingUid = Identity.ListingUid(listing.Feed, listing.ListingKey),
        Generation = listing.Generation,
        Backfill = number,
        Profile = profile.Key,
        Photos = [],
    };

    public void Dispose() => _slots.Dispose();

    sealed record PhotoLeft(PhotoToBackfill Photo, BackfillProblem Problem, string Why);
}
