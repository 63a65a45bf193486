using System.Collections.Concurrent;
using System.Threading.Channels;
using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.Storage.Photos;
using ImagePipeline.Storage.Sagas;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ListingNotifier;

/// <summary>
/// Announces listings, after their state is committed and from what is committed: claims the listing, reads it, writes the manifest, publishes,
/// then records. Killed between any two of these, the sweep finds the listing again and repeats the same announcement under the same number.
/// </summary>
sealed partial class Signaller(
    ListingTable table,
    SagaTable<ListingState> sagas,
    IPhotoStore store,
    Removal removal,
    ListingMetrics metrics,
    Publisher publisher,
    IOptions<ListingNotifierOptions> options,
    IOptions<PhotoStoreOptions> storeOptions,
    TimeProvider time,
    ILogger<Signaller> logger) : BackgroundService
{
    // What does not fit is found by the sweep.
    readonly Channel<Guid> _woken = Channel.CreateBounded<Guid>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite });

    // Listings that this process is at: one listing is never announced by two of its loops, and a wake meanwhile is not lost.
    readonly ConcurrentDictionary<Guid, bool> _busy = new();

    // Why the last announcement failed; null when it did not. Said once, not for every listing that meets the same.
    string? _trouble;

    /// <summary>Something of this listing was committed.</summary>
    public void Wake(ListingState state)
    {
        if (state.IsSettled || state.Removing)
            _woken.Writer.TryWrite(state.CorrelationId);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var loops = Enumerable.Range(0, options.Value.ConcurrentSignals).Select(_ => Task.Run(() => SignalWokenAsync(stoppingToken), stoppingToken));
        await Task.WhenAll(loops.Append(Task.Run(() => SweepAsync(stoppingToken), stoppingToken)));
    }

    async Task SignalWokenAsync(CancellationToken cancellation)
    {
        await foreach (var listingUid in _woken.Reader.ReadAllAsync(cancellation))
            await SignalAsync(listingUid, cancellation);
    }

    async Task SweepAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        do
        {
            try
            {
                foreach (var listingUid in await table.FindDueAsync(time.GetUtcNow(), options.Value.Deadline, cancellation))
                    await _woken.Writer.WriteAsync(listingUid, cancellation);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The next sweep is the retry: what is due stays due in the database.
                Log.SweepFailed(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellation));
    }

    /// <summary>Announces or removes what is due of one listing, until nothing is.</summary>
    internal async Task SignalAsync(Guid listingUid, CancellationToken cancellation)
    {
        while (!_busy.TryAdd(listingUid, false))
        {
            // Told to whoever is at it; unless that one has just left, then it is ours.
            if (_busy.TryUpdate(listingUid, true, false) || _busy.GetValueOrDefault(listingUid))
                return;
        }

        var again = true;
        while (again)
        {
            try
            {
                while (await SignalOnceAsync(listingUid, cancellation))
                {
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The sweep is the retry, when the claim has run out: what is due stays due in the database.
                if (Interlocked.Exchange(ref _trouble, e.Message) is null)
                    Log.SignalFailed(logger, e.Message);
            }

            // Woken meanwhile: once more. Otherwise leave, unless the wake came just now.
            again = !_busy.TryRemove(new KeyValuePair<Guid, bool>(listingUid, false)) && _busy.TryUpdate(listingUid, false, true);
        }
    }

    async Task<bool> SignalOnceAsync(Guid listingUid, CancellationToken cancellation)
    {
        var settings = options.Value;
        var claim = await table.ClaimAsync(listingUid, settings.Deadline, settings.ClaimTime, cancellation);
        if (claim is null)
            return false;

        try
        {
            return await SignalAsync(listingUid, claim, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Stopped in order: whoever goes on need not wait for the claim to run out.
            await table.ReleaseAsync(listingUid, claim, CancellationToken.None);
            throw;
        }
    }

    async Task<bool> SignalAsync(Guid listingUid, ListingClaim claim, CancellationToken cancellation)
    {
        var state = await sagas.LoadAsync(listingUid, cancellation)
            ?? throw new InvalidOperationException($"The row of listing {listingUid} vanished while it was claimed.");
        if (state.Removing)
        {
            try
            {
                await removal.RunAsync(state, claim, cancellation);
            }
            catch (ConcurrencyException)
            {
                // Something of the listing was told meanwhile: it is still due, and read anew.
            }
            await table.ReleaseAsync(listingUid, claim, cancellation);
        }
        else if (state.IsKnown)
        {
            await AnnounceAsync(state, claim, cancellation);
            _trouble = null;
        }
        else
        {
            await table.ReleaseAsync(listingUid, claim, cancellation);
            return false;
        }
        return true;
    }

    async Task AnnounceAsync(ListingState state, ListingClaim claim, CancellationToken cancellation)
    {
        var ready = Announcement.Of(state, storeOptions.Value);
        var manifest = Announcement.Manifest(ready);
        var facts = new ObjectFacts { ContentType = "application/json" };
        var latest = StoreKeys.LatestManifest(ready.Feed, ready.ListingKey);

        // Announced before, by a process that was killed or for one that did not hear: what stands there already is left as it is.
        var isNew = await store.WriteOnceAsync(ready.ManifestKey, manifest, facts, cancellation);
        var current = isNew ? null : await store.ReadAsync(latest, cancellation);
        await claim.KeepAsync(cancellation);
        try
        {
            if (!manifest.AsSpan().SequenceEqual(current))
                await store.ReplaceAsync(latest, manifest, facts, cancellation);
            await claim.KeepAsync(cancellation);
            await publisher.PublishAsync(ready, ready.ListingUid, cancellation, Identity.AnnouncementId(ready.ListingUid, ready.Announcement));
            // Also when this process is just being stopped: what was published is not to be published again.
            if (!await table.AnnouncedAsync(state, claim, CancellationToken.None))
                throw new ListingClaimLostException($"The claim on listing {ready.ListingUid} ran out while it was announced, and another process has taken over.");
        }
        catch (ListingClaimLostException)
        {
            await MendAsync(ready, latest, cancellation);
            throw;
        }
        metrics.Announced(ready, isFirstFinal: ready.Final && claim.AnnouncedFinal < ready.Generation, time.GetUtcNow());
        Log.Announced(logger, ready.Feed, ready.ListingKey, ready.Announcement, ready.Photos.Count, ready.Missing.Count);
    }

    // Written while another process had the listing: what stands there as the latest may be older than what that one wrote, or of a listing that it removed.
    async Task MendAsync(PhotosReady ready, string latest, CancellationToken cancellation)
    {
        if (await sagas.LoadAsync(ready.ListingUid, cancellation) is { IsKnown: true })
        {
            await table.AnnounceAgainAsync(ready.ListingUid, cancellation);
            return;
        }
        await store.DeleteAsync(latest, cancellation);
        await store.DeleteAsync(ready.ManifestKey, cancellation);
    }

    static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Feed} {ListingKey}: announcement {Announcement}, {Photos} photos ready, {Missing} missing")]
        public static partial void Announced(ILogger logger, string feed, string listingKey, long announcement, int photos, int missing);

        [LoggerMessage(LogLevel.Warning, "Listings cannot be announced and are tried again: {Message}")]
        public static partial void SignalFailed(ILogger logger, string message);

        [LoggerMessage(LogLevel.Warning, "The search for listings to announce failed and is repeated: {Message}")]
        public static partial void SweepFailed(ILogger logger, string message);
    }
}
