using System.Collections.Frozen;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>Which parameters of a photo's URL are the lease (who may read, until when) and say nothing about which bytes it leads to.</summary>
sealed class LeaseParameters(IReadOnlyCollection<string> ofFeed)
{
    // AWS and Google signatures, CloudFront, Akamai, and the plain tokens of vendors' own servers (Bridge, MLS Grid).
    static readonly FrozenSet<string> WellKnown = new[]
    {
        "awsaccesskeyid", "googleaccessid", "signature", "sig", "expires", "expiry", "exp", "key-pair-id", "policy",
        "hdnts", "hdnea", "hdntl", "hmac", "acl", "token", "access_token", "auth_token", "auth", "apikey", "api_key",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // An Azure shared access signature. Too short to be told from a server's own parameters without the signature beside them.
    static readonly FrozenSet<string> OfAzure = new[]
    {
        "se", "sp", "sv", "sr", "st", "spr", "sip", "si", "ske", "skoid", "sks", "skt", "sktid", "skv", "saoid", "suoid", "scid",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The well-known ones, and a feed's own where it has some.</summary>
    public static LeaseParameters With(IReadOnlyCollection<string>? ofFeed) => new(ofFeed ?? []);

    /// <summary>Whether <paramref name="name"/> belongs to the lease; <paramref name="besideSig"/> when the URL also has a <c>sig</c>.</summary>
    public bool Contains(string name, bool besideSig) =>
        WellKnown.Contains(name)
        || name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("x-goog-", StringComparison.OrdinalIgnoreCase)
        || (besideSig && OfAzure.Contains(name))
        || ofFeed.Contains(name, StringComparer.OrdinalIgnoreCase);
}
