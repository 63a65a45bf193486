namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>Text that people read, as feeds give it.</summary>
static class DisplayText
{
    /// <summary>The text without the control characters that not every database can hold (line breaks stay) and without space around it; null
    /// when nothing is left.</summary>
    public static string? Clean(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var clean = text.Any(IsUnwanted) ? new string([.. text.Where(c => !IsUnwanted(c))]) : text;
        clean = clean.Trim();
        return clean.Length == 0 ? null : clean;
    }

    static bool IsUnwanted(char c) => char.IsControl(c) && c is not ('\n' or '\r' or '\t');
}
