using System.Net;
using Amazon.Runtime;

namespace ImagePipeline.Storage.Photos;

/// <summary>What a failed request means, told from the SDK's exceptions: whose trouble it is, whether it may pass, and the sentence for a person.</summary>
sealed class S3Trouble(S3Address address, string host, TimeSpan limit)
{
    /// <summary>Whether the same request may succeed a moment later.</summary>
    public static bool MayPass(Exception e) => e switch
    {
        TimeoutException or HttpRequestException or IOException => true,
        AmazonServiceException s when IsThrottling(s) => true,
        // Corrupted on its way; or signed by a clock that the SDK has set right since.
        AmazonServiceException { ErrorCode: "BadDigest" or "XAmzContentSHA256Mismatch" or "RequestTimeout" or "RequestTimeTooSkewed" } => true,
        AmazonServiceException s => (int)s.StatusCode is 408 or 425 or (>= 500 and not 501) || s.StatusCode == 0,
        // What was read is not what its checksum says, or the answer cannot be understood.
        AmazonClientException => !IsCredentials(e),
        _ => false,
    };

    /// <summary>The exception to throw instead.</summary>
    public Exception Of(string what, Exception e) => e switch
    {
        AmazonServiceException { ErrorCode: "NoSuchBucket" } => Unusable($"there is no bucket \"{address.Bucket}\" at {host}", e),
        AmazonServiceException s when IsThrottling(s) => Unusable($"{host} asks for fewer requests ({Code(s)})", e),
        AmazonServiceException { ErrorCode: "ExpiredToken" or "TokenRefreshRequired" } => Unusable("the credentials have expired", e),
        AmazonServiceException { ErrorCode: "InvalidAccessKeyId" or "InvalidToken" or "InvalidClientTokenId" } =>
            Unusable($"{host} does not know the access key", e),
        AmazonServiceException { ErrorCode: "SignatureDoesNotMatch" } => Unusable("the secret key is not that of the access key", e),
        AmazonServiceException { ErrorCode: "RequestTimeTooSkewed" } => Unusable("the clock of this machine is wrong", e),
        AmazonServiceException s when IsElsewhere(s) => Unusable(
            $"the bucket \"{address.Bucket}\" is in another region than the one that is asked (settings Store:Region and Store:Endpoint, or AWS_REGION)", e),
        AmazonServiceException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } s =>
            new UnauthorizedAccessException($"the credentials may not {what} in {address} ({Code(s)})", e),
        AmazonServiceException s when s.StatusCode != 0 => new IOException($"{host} answered {(int)s.StatusCode} {Code(s)} to an attempt to {what} in {address}", e),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError } =>
            Unusable($"{host} cannot be reached: {Innermost(e).Message.TrimEnd('.')}", e),
        TimeoutException => new IOException($"{host} did not answer within {limit} to an attempt to {what} in {address}", e),
        AmazonClientException when IsCredentials(e) => Unusable(
            "no AWS credentials were found: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, nor a profile, nor a role of this machine", e),
        HttpRequestException or IOException or AmazonClientException or AmazonServiceException =>
            new IOException($"an attempt to {what} in {address} failed: {Innermost(e).Message.TrimEnd('.')}", e),
        _ => e,
    };

    /// <summary>The store cannot be used, and why.</summary>
    public StoreUnusableException Unusable(string cause, Exception e) =>
        new($"The photo store {address} (setting Store:Url, environment variable Store__Url) cannot be used: {cause}.", e);

    static bool IsThrottling(AmazonServiceException e) =>
        e.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests
        || e.ErrorCode is "SlowDown" or "ServiceUnavailable" or "Throttling" or "ThrottlingException" or "ThrottledException" or "RequestThrottled"
            or "RequestThrottledException" or "RequestLimitExceeded" or "TooManyRequests" or "TooManyRequestsException" or "BandwidthLimitExceeded";

    static bool IsElsewhere(AmazonServiceException e) =>
        e.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect
        || e.ErrorCode is "PermanentRedirect" or "Redirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException";

    // The SDK has no exception of its own for it.
    static bool IsCredentials(Exception e) =>
        e is AmazonClientException && e.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase);

    static string Code(AmazonServiceException e) => e.ErrorCode is { Length: > 0 } code ? code : ((int)e.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);

    static Exception Innermost(Exception e) => e is AmazonServiceException or { InnerException: null } ? e : Innermost(e.InnerException);
}
