using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>Asks a server for pages, again where it is worth it: answers 408, 429 and 5xx, timeouts and broken connections.</summary>
sealed class PageRequests(
    string feed, IReadOnlyDictionary<string, string> headers, HttpClient http, FeedReadingOptions limits, TimeProvider time, ILogger logger)
{
    const int MaxRedirects = 5;

    /// <summary>The page's bytes, decompressed.</summary>
    /// <exception cref="FeedUnreadableException">It cannot be had.</exception>
    public async Task<ReadOnlyMemory<byte>> GetAsync(Uri url, string name, CancellationToken cancellation)
    {
        var delay = limits.FirstRetryDelay;
        for (var tries = 1; ; tries++)
        {
            var answer = await TryAsync(url, name, cancellation);
            if (answer.Trouble is null) return answer.Body;
            if (tries == limits.MaxTries)
                throw Unreadable(string.Create(
                    CultureInfo.InvariantCulture, $"{name} could not be read in {tries} tries; at the last, {answer.Trouble}."));

            if (answer.RetryAfter > limits.LongestRetryDelay)
                throw Unreadable(
                    $"{name}: {answer.Trouble} and asks to wait {answer.RetryAfter:c}, longer than {FeedReadingOptions.Section}:LongestRetryDelay allows.");

            var wait = answer.RetryAfter > delay ? answer.RetryAfter.Value : delay;
            if (wait > limits.LongestRetryDelay) wait = limits.LongestRetryDelay;
            Log.TryingAgain(logger, feed, name, answer.Trouble, wait);
            await Task.Delay(wait, time, cancellation);
            delay *= 2;
        }
    }

    async Task<Answer> TryAsync(Uri url, string name, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(limits.RequestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            return await FollowAsync(url, name, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Answer(default, $"it took longer than {limits.RequestTimeout:c}", null);
        }
        catch (HttpRequestException e)
        {
            return new Answer(default, $"there was no connection ({e.HttpRequestError})", null);
        }
        // A body that breaks off, plain or compressed.
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return new Answer(default, "the answer broke off", null);
        }
    }

    async Task<Answer> FollowAsync(Uri url, string name, CancellationToken cancellation)
    {
        for (var redirects = 0; redirects <= MaxRedirects; redirects++)
        {
            using var request = Request(url);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (!IsRedirect(response.StatusCode)) return await ReadAsync(response, name, cancellation);

            // The handler would take the feed's headers along to any host.
            var location = response.Headers.Location?.OriginalString ?? "";
            if (!SourceUrl.TryFollow(url, location, out var target)) throw Unreadable($"{name} is redirected to what is no URL.");
            if (!SourceUrl.SameOrigin(url, target))
                throw Unreadable($"{name} is redirected to another server, {SourceUrl.Shown(target)}, which is not followed.");
            url = target;
        }
        throw Unreadable($"{name} is redirected again and again.");
    }

    async Task<Answer> ReadAsync(HttpResponseMessage response, string name, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode)
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            return await LimitedBytes.ReadAsync(body, limits.MaxPageBytes, cancellation) is { } bytes
                ? new Answer(bytes, null, null)
                : throw Unreadable(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} is larger than {limits.MaxPageBytes:N0} bytes ({FeedReadingOptions.Section}:MaxPageBytes)."));
        }

        var status = string.Create(CultureInfo.InvariantCulture, $"the server answered {(int)response.StatusCode}");
        if (IsPassing(response.StatusCode)) return new Answer(default, status, RetryAfter(response.Headers.RetryAfter));
        throw Unreadable(response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            ? $"{name}: {status}; check the feed's Headers."
            : $"{name}: {status}.");
    }

    HttpRequestMessage Request(Uri url)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        // Without validation: MLS Grid's User-Agent is a bare token, which is no product name.
        foreach (var (header, value) in headers) request.Headers.TryAddWithoutValidation(header, value);
        if (request.Headers.Accept.Count == 0) request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return request;
    }

    TimeSpan? RetryAfter(RetryConditionHeaderValue? header) => header?.Delta ?? header?.Date - time.GetUtcNow();

    FeedUnreadableException Unreadable(string why) => new(feed, why);

    static bool IsPassing(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        || ((int)status >= 500 && status is not (HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported));

    static bool IsRedirect(HttpStatusCode status) => (int)status is 301 or 302 or 303 or 307 or 308;

    /// <summary>The body, or what was in the way and how long the server asks to wait.</summary>
    readonly record struct Answer(ReadOnlyMemory<byte> Body, string? Trouble, TimeSpan? RetryAfter);

}

static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Feed {Feed}: {Page}: {Trouble}; trying again in {Wait}")]
    public static partial void TryingAgain(ILogger logger, string feed, string page, string trouble, TimeSpan wait);
}
