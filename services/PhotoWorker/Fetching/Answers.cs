using System.Net.Http.Headers;
using ImagePipeline.Contracts;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>What to do after an answer's status line and headers, where it is not one of the failures.</summary>
enum Verdict
{
    /// <summary>Read the body.</summary>
    Photo,

    /// <summary>Follow the redirect.</summary>
    Elsewhere,

    /// <summary>Come again later; the gate is closed for that.</summary>
    ComeLater,
}

/// <summary>What each answer to a photo's GET means: the one place to look it up.</summary>
static class Answers
{
    /// <summary>Reads the status line and headers, and tells the gate what they say about the feed.</summary>
    public static Verdict Read(HttpResponseMessage answer, Ask ask, Uri url, TimeSpan maxRetryAfter, DateTimeOffset now)
    {
        var status = (int)answer.StatusCode;
        var said = $"{PhotoUrl.Shown(url)} answered {status}";
        var verdict = status switch
        {
            429 => Verdict.ComeLater,
            301 or 302 or 303 or 307 or 308 => Verdict.Elsewhere,
            _ => Verdict.Photo,
        };
        if (verdict == Verdict.ComeLater)
        {
            var asked = RetryAfter(answer.Headers.RetryAfter, now);
            ask.Pass.Refused(asked > maxRetryAfter ? maxRetryAfter : asked, $"{said}.");
        }
        if (verdict != Verdict.Photo)
            return verdict;
        if (status is 408 or 425 or >= 500)
            throw new FetchFailedException($"{said}.", mayHaveBeenSent: true);
        // From here on the vendor serves, whatever it thinks of this photo.
        ask.Pass.Succeeded();
        return status switch
        {
            200 or 203 => Uncompressed(answer, said),
            204 or 205 => throw new RejectedException(PhotoRejection.Empty, $"{said}, which has no bytes."),
            < 300 => throw new RejectedException(PhotoRejection.NotAnImage, $"{said}, which is no photo."),
            < 400 => throw new RejectedException(PhotoRejection.TooManyRedirects, $"{said}, which leads nowhere."),
            404 or 410 when ask.WasLookedForBefore => throw new RejectedException(PhotoRejection.Gone, $"{said}, not for the first time."),
            404 or 410 when ask.Request.SingleUse => throw new LeaseEndedException(UrlExpiry.Spent, $"{said} to a URL that works once only."),
            404 or 410 => throw new PhotoGoneException($"{said}."),
            400 or 401 or 403 when ask.IsLease => throw new LeaseEndedException(UrlExpiry.Refused, $"{said}."),
            _ => throw new RejectedException(PhotoRejection.Refused, $"{said}."),
        };
    }

    // A feed's media headers may ask for compression, which pictures do not gain from and nothing here undoes. Better a failure that says so
    // than every photo of the feed rejected as no picture.
    static Verdict Uncompressed(HttpResponseMessage answer, string said) =>
        answer.Content.Headers.ContentEncoding.All(encoding => encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            ? Verdict.Photo
            : throw new FetchFailedException(
                $"{said} with a compressed photo; the feed's media headers must not ask for that.", mayHaveBeenSent: true);

    static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now) => header?.Delta ?? header?.Date - now;
}
