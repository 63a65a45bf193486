namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>What a listing's key must look like, wherever it comes from.</summary>
static class ListingKeys
{
    // RESO's String(255).
    const int MaxLength = 255;

    /// <summary>Null when <paramref name="key"/> is a key; else a sentence that says why not.</summary>
    public static string? WhyNot(string? key, string field) => key switch
    {
        null => $"It has no {field}.",
        _ when string.IsNullOrWhiteSpace(key) => $"Its {field} is blank.",
        { Length: > MaxLength } => $"Its {field} is longer than {MaxLength} characters.",
        _ when key.Any(char.IsControl) => $"Its {field} has control characters in it.",
        _ => null,
    };
}
