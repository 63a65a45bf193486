using System.Net;
using ImagePipeline.Contracts;
using Microsoft.Extensions.Options;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>Sends a photo's GET, follows its redirects, and turns whatever happens into bytes or one of the failures of this folder.</summary>
sealed class PhotoGet(
    HttpMessageInvoker http, HostGuard guard, BytesInFlight inFlight, FetchMetrics metrics, IOptions<FetchingOptions> options, TimeProvider time) : IDisposable
{
    readonly FetchingOptions _options = options.Value;

    /// <summary>The photo, or null when the vendor asked to come again later and the gate was closed for that.</summary>
    public async Task<FetchedPhoto?> SendAsync(Ask ask, CancellationToken cancellation)
    {
        using var clock = new FetchClock(_options, time, cancellation);
        var url = ask.Url;
        for (var redirects = 0; redirects <= _options.MaxRedirects; redirects++)
        {
            using var asking = new HttpRequestMessage(HttpMethod.Get, url) { Version = HttpVersion.Version20 };
            guard.Check(asking, ask.Feed);
            AddHeaders(asking, ask);
            var (photo, next) = await HopAsync(asking, ask, clock, cancellation);
            if (next is null)
                return photo;
            url = next;
        }
        throw new RejectedException(
            PhotoRejection.TooManyRedirects, $"{PhotoUrl.Shown(ask.Url)} redirected more than the {_options.MaxRedirects} times allowed.");
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    async Task<(FetchedPhoto? Photo, Uri? Next)> HopAsync(HttpRequestMessage asking, Ask ask, FetchClock clock, CancellationToken cancellation)
    {
        var url = asking.RequestUri!;
        var started = time.GetTimestamp();
        GetOutcome? outcome = null;
        try
        {
            clock.Asking();
            using var answer = await http.SendAsync(asking, clock.Token);
            outcome = GetOutcome.Failed;
            switch (Answers.Read(answer, ask, url, _options.MaxRetryAfter, time.GetUtcNow()))
            {
                case Verdict.ComeLater:
                    outcome = GetOutcome.Limited;
                    return (null, null);
                case Verdict.Elsewhere:
                    outcome = GetOutcome.Redirected;
                    answer.Headers.NonValidated.TryGetValues("Location", out var location);
                    return (null, PhotoUrl.Follow(url, location.FirstOrDefault()));
                default:
                    var photo = await ReadAsync(answer, ask, url, clock);
                    outcome = GetOutcome.Ok;
                    return (photo, null);
            }
        }
        catch (Exception broken)
        {
            var answered = outcome is not null;
            var failure = cancellation.IsCancellationRequested && broken is OperationCanceledException or IOException or HttpRequestException
                ? new OperationCanceledException(cancellation)
                : Breaks.Explain(broken, url, clock);
            outcome = Outcome(failure, answered);
            if (failure == broken)
                throw;
            throw failure;
        }
        finally
        {
            if (outcome is { } how)
                metrics.Got(ask.Request.Feed, how, time.GetElapsedTime(started));
        }
    }

    async Task<FetchedPhoto> ReadAsync(HttpResponseMessage answer, Ask ask, Uri url, FetchClock clock)
    {
        var held = inFlight.Begin(ask.Request.Feed, ask.Request.Urgent);
        try
        {
            return await PhotoBody.ReadAsync(
                answer, PhotoUrl.Shown(url), _options.MaxBytes, held, clock, bytes => metrics.Received(ask.Request.Feed, bytes));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    // Null: nothing was sent.
    static GetOutcome? Outcome(Exception failure, bool answered) => failure switch
    {
        FetchFailedException { MayHaveBeenSent: false } => null,
        RejectedException when !answered => null,
        RejectedException { Reason: PhotoRejection.Gone } or PhotoGoneException => GetOutcome.Gone,
        RejectedException => GetOutcome.Rejected,
        LeaseEndedException => GetOutcome.Expired,
        OperationCanceledException => GetOutcome.Cancelled,
        _ => GetOutcome.Failed,
    };

    void AddHeaders(HttpRequestMessage asking, Ask ask)
    {
        if (PhotoUrl.MayShareSecrets(ask.Url, asking.RequestUri!))
        {
            foreach (var (name, value) in ask.Feed.MediaHeaders)
            {
                // Unvalidated: a vendor's token need not look like a product, and MLS Grid wants it as User-Agent.
                if (!asking.Headers.TryAddWithoutValidation(name, value))
                    throw new InvalidOperationException($"Feeds:{ask.Request.Feed}:MediaHeaders:{name} cannot be sent with a GET.");
            }
        }
        if (!asking.Headers.Contains("User-Agent"))
            asking.Headers.TryAddWithoutValidation("User-Agent", _options.UserAgent);
    }
}
