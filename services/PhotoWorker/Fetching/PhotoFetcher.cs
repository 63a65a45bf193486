using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>
/// Downloads one photo: waits at its feed's gate, takes one of the download slots unless it is urgent, asks once. A 429 closes the gate, and the photo waits there and
/// asks again without using a retry of its message. Two calls for one photo send two GETs.
/// </summary>
sealed class PhotoFetcher(
    PhotoGet get, Gates gates, BytesInFlight inFlight, IOptionsMonitor<FeedOptions> feeds, IOptions<FetchingOptions> options, TimeProvider time)
{
    readonly DownloadSlots _slots = new(options.Value.DownloadConcurrency);

    /// <summary>Downloads the photo; the caller disposes it.</summary>
    /// <param name="request">What is wanted, and where it is.</param>
    /// <param name="earlierTries">How often this message was tried before; a photo gone at the first try gets one more.</param>
    /// <param name="cancellation">Stops waiting and downloading.</param>
    /// <exception cref="RejectedException">The data is bad.</exception>
    /// <exception cref="PhotoGoneException">Gone, for the first time.</exception>
    /// <exception cref="LeaseEndedException">A fresh URL is needed.</exception>
    /// <exception cref="FetchFailedException">Another try may succeed.</exception>
    /// <exception cref="NotNowException">The gate is closed, and the photo is urgent: those of other feeds must not wait behind it.</exception>
    public async Task<FetchedPhoto> FetchAsync(PhotoRequested request, int earlierTries, CancellationToken cancellation)
    {
        var url = PhotoUrl.Parse(request.SourceUrl);
        var feed = feeds.Get(request.Feed);
        using var patience = new CancellationTokenSource(options.Value.MaxGateWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        while (true)
        {
            RefuseLateLease(request);
            using var pass = await PassGateAsync(request, either.Token, cancellation);
            if (!request.Urgent)
                await inFlight.WaitToAskAsync(request.Feed, cancellation);
            // Waiting at the gate holds no slot, or one closed feed would take the slots of all.
            using var slot = await TakeSlotAsync(request, cancellation);
            if (pass.IsValid && await AskAsync(new Ask(request, url, feed, earlierTries, pass), cancellation) is { } photo)
                return photo;
        }
    }

    // Somebody waits for an urgent photo: its lane's own concurrency is its bound, and no other lane is in its way.
    async Task<IDisposable?> TakeSlotAsync(PhotoRequested request, CancellationToken cancellation) =>
        request.Urgent ? null : await _slots.TakeAsync(request.Feed, cancellation);

    async Task<FetchedPhoto?> AskAsync(Ask ask, CancellationToken cancellation)
    {
        RefuseLateLease(ask.Request);
        try
        {
            return await get.SendAsync(ask, cancellation);
        }
        catch (FetchFailedException failed) when (ask.Request.SingleUse && failed.MayHaveBeenSent)
        {
            throw new LeaseEndedException(UrlExpiry.Spent, $"{failed.Message} The URL works once only and may have been used.");
        }
    }

    async Task<GatePass> PassGateAsync(PhotoRequested request, CancellationToken patience, CancellationToken cancellation)
    {
        var gate = Gates.Feed(request.Feed);
        if (request.Urgent)
            return gates.TryPass(gate) ?? throw new NotNowException($"The gate of feed {request.Feed} is closed.");
        try
        {
            return await gates.WaitAsync(gate, patience);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new FetchFailedException(
                $"The gate of feed {request.Feed} stayed closed for {options.Value.MaxGateWait.TotalHours:0.##} h.", mayHaveBeenSent: false);
        }
    }

    void RefuseLateLease(PhotoRequested request)
    {
        if (request.ExpiresAt <= time.GetUtcNow())
            throw new LeaseEndedException(UrlExpiry.TimeOver, $"The photo's URL was good until {request.ExpiresAt:u}.");
    }
}
