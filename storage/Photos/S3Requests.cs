using Amazon.S3;

namespace ImagePipeline.Storage.Photos;

/// <summary>
/// Sends requests to a bucket: so many at once, each with a time limit, and again where another try may help. What does not succeed is thrown as the
/// store's own exceptions, with a sentence.
/// </summary>
sealed class S3Requests(S3Client client, S3Address address, PhotoStoreOptions options, TimeProvider time) : IDisposable
{
    static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);

    readonly SemaphoreSlim _slots = new(options.ConcurrentRequests);

    /// <summary>The sentences for this store.</summary>
    public S3Trouble Trouble { get; } = new(address, client.Host, options.RequestTimeout);

    /// <summary>Sends one request until it succeeds, or its tries are used up.</summary>
    /// <param name="what">What it does, as a verb: <c>write</c>.</param>
    /// <param name="request">Sends it once, told which try it is, from 1. Answers that are no trouble it makes a result of.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="StoreUnusableException">The store is of no use to anybody: throttled, not there, not to be reached.</exception>
    /// <exception cref="UnauthorizedAccessException">Refused; may be this object's trouble alone.</exception>
    /// <exception cref="IOException">Anything else; may be this object's trouble alone.</exception>
    public async Task<T> SendAsync<T>(string what, Func<AmazonS3Client, int, CancellationToken, Task<T>> request, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await SendOnceAsync(request, attempt, cancellation);
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                if (attempt >= MaxTries(e) || !S3Trouble.MayPass(e))
                    throw Trouble.Of(what, e);
            }
            // Doubled and jittered; nobody else waits meanwhile.
            await Task.Delay(FirstDelay * Math.Pow(2, attempt - 1) * (0.5 + Random.Shared.NextDouble()), time, cancellation);
        }
    }

    public void Dispose() => _slots.Dispose();

    // What does not answer takes its whole time with each try.
    int MaxTries(Exception e) => e is TimeoutException ? Math.Min(options.MaxTries, 2) : options.MaxTries;

    async Task<T> SendOnceAsync<T>(Func<AmazonS3Client, int, CancellationToken, Task<T>> request, int attempt, CancellationToken cancellation)
    {
        // The limit begins here, and not while others have the connections.
        await _slots.WaitAsync(cancellation);
        using var limit = new CancellationTokenSource(options.RequestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await request(client.Sdk, attempt, either.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw limit.IsCancellationRequested
                ? new TimeoutException("no answer in time", e)
                : new HttpRequestException(HttpRequestError.ConnectionError, "no connection in time");
        }
        finally
        {
            _slots.Release();
        }
    }
}
