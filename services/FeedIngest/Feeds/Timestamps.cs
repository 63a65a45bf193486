using System.Globalization;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>Timestamps as feeds write them: with or without a zone, a fraction, or a time at all.</summary>
static class Timestamps
{
    static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd' 'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF' 'K", "yyyy-MM-dd' 'HH:mm:ss.FFFFFFF' 'K",
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd",
    ];

    // What a DateTimeOffset can hold; Java feeds write nine digits.
    const int FractionDigits = 7;

    /// <summary>The time in UTC, also where no zone is written: the machine's own zone must never change a photo's version. Null for what is
    /// no time (<c>TBD</c>).</summary>
    public static DateTimeOffset? Parse(string? text) =>
        text is not null
        && DateTimeOffset.TryParseExact(
            WithFewerDigits(text.Trim().ToUpperInvariant()), Formats, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;

    static string WithFewerDigits(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0) return text;
        var end = dot + 1;
        while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
        return end - dot - 1 <= FractionDigits ? text : text.Remove(dot + 1 + FractionDigits, end - dot - 1 - FractionDigits);
    }
}
