namespace ImagePipeline.Storage.Photos;

/// <summary>A bucket, and what all keys in it start with.</summary>
/// <param name="Bucket">The bucket's name.</param>
/// <param name="Prefix">Empty, or parts that each end in a slash.</param>
sealed record S3Address(string Bucket, string Prefix)
{
    // Amazon S3 takes keys of 1,024 bytes, and the longest of our own has fewer than 800.
    const int MaxPrefixLength = 200;

    /// <summary>The address that stands behind <c>s3:</c>; else, in <paramref name="cause"/>, what is wrong with it, without repeating it: a secret may
    /// be part of it.</summary>
    public static S3Address? TryParse(string text, out string cause)
    {
        cause = "";
        if (!text.StartsWith("//", StringComparison.Ordinal))
            return Refused("names no bucket", out cause);
        var path = text[2..];
        if (path.AsSpan().ContainsAny('@', '?', '#'))
            return Refused("has a user, a query or a fragment in it, and only bucket and prefix belong there", out cause);
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var bucket = slash < 0 ? path : path[..slash];
        if (!IsBucket(bucket))
            return Refused("names no bucket: 3 to 63 of a-z, 0-9, \"-\" and \".\"", out cause);
        var prefix = slash < 0 ? "" : path[(slash + 1)..];
        if (prefix.EndsWith('/'))
            prefix = prefix[..^1];
        if (prefix.Length > 0 && (!StoreKeys.IsKey(prefix) || prefix.Length > MaxPrefixLength))
            return Refused(
                $"has a prefix that is none: up to {MaxPrefixLength} of A-Z, a-z, 0-9, \"-\", \"_\", \".\", \"~\" in parts that do not start with a dot", out cause);
        return new(bucket, prefix.Length == 0 ? "" : $"{prefix}/");
    }

    /// <inheritdoc/>
    public override string ToString() => $"s3://{Bucket}/{Prefix}".TrimEnd('/');

    static S3Address? Refused(string why, out string cause)
    {
        cause = why;
        return null;
    }

    static bool IsBucket(string name) =>
        name.Length is >= 3 and <= 63 && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');
}
