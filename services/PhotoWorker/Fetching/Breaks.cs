namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>What the transport's exceptions mean for a photo.</summary>
static class Breaks
{
    /// <summary>The failure that <paramref name="broken"/> stands for; itself when it already is one, or is not the transport's.</summary>
    public static Exception Explain(Exception broken, Uri url, FetchClock clock)
    {
        var host = PhotoUrl.Shown(url);
        return broken switch
        {
            // From the guard, by way of the connection that it refused.
            HttpRequestException { InnerException: RejectedException refused } => new RejectedException(refused.Reason, refused.Message),
            HttpRequestException e => NotSent(e.HttpRequestError) is { } why
                ? new FetchFailedException($"{host} {why}.", mayHaveBeenSent: false)
                : new FetchFailedException($"{host} {Why(e.HttpRequestError)}.", mayHaveBeenSent: true),
            OperationCanceledException { InnerException: TimeoutException } when clock.Exceeded is null =>
                new FetchFailedException($"{host} could not be connected to in time.", mayHaveBeenSent: false),
            OperationCanceledException when clock.Exceeded is { } late => new FetchFailedException($"{host} {late}.", mayHaveBeenSent: true),
            HttpIOException e => new FetchFailedException($"{host} {Why(e.HttpRequestError)}.", mayHaveBeenSent: true),
            IOException => new FetchFailedException($"{host} {Why(HttpRequestError.Unknown)}.", mayHaveBeenSent: true),
            _ => broken,
        };
    }

    static string? NotSent(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => "has no address that could be found",
        HttpRequestError.ConnectionError => "could not be connected to",
        HttpRequestError.SecureConnectionError => "could not be connected to over TLS",
        HttpRequestError.ProxyTunnelError => "could not be reached through the proxy",
        _ => null,
    };

    static string Why(HttpRequestError error) => error switch
    {
        HttpRequestError.ResponseEnded => "ended its answer early",
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.VersionNegotiationError =>
            "sent what is not HTTP",
        HttpRequestError.ConfigurationLimitExceeded => "sent more headers than allowed",
        _ => "broke the connection",
    };
}
