using System.Text.RegularExpressions;

namespace ImagePipeline.Contracts;

/// <summary>
/// The rule for a feed's id: 1 to 50 of <c>a-z 0-9 -</c>, starting with a letter or digit. A feed id becomes part of queue names,
/// store keys and metric labels, and 50 keeps the longest queue name within the 80 characters Amazon SQS allows. The two words that
/// are no ids name queues of the same kind that belong to no feed.
/// </summary>
public static partial class FeedId
{
    /// <summary>What an id must look like, in words for a person.</summary>
    public const string Rule = "1 to 50 characters of a-z, 0-9 and -, starting with a letter or digit, and neither \"urgent\" nor \"unrouted\"";

    /// <summary>Whether <paramref name="feed"/> follows the rule.</summary>
    public static bool IsValid(string? feed) => feed is not (null or "urgent" or "unrouted") && Pattern().IsMatch(feed);

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,49}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
