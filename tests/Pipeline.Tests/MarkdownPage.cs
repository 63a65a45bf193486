using System.Text.RegularExpressions;

namespace ImagePipeline.Pipeline.Tests;

/// <summary>A page of the documentation, read for what can be checked in it.</summary>
sealed partial class MarkdownPage
{
    readonly string[] _lines;

    MarkdownPage(string path)
    {
        Path = path;
        _lines = File.ReadAllLines(Repository.File(path));
    }

    /// <summary>Every page for readers: README, CHANGELOG and all under docs.</summary>
    public static IReadOnlyList<MarkdownPage> All =>
    [
        Read("README.md"), Read("CHANGELOG.md"),
        .. Directory.EnumerateFiles(Repository.File("docs"), "*.md", SearchOption.AllDirectories)
            .Select(file => Read(System.IO.Path.GetRelativePath(Repository.File(""), file))),
    ];

    /// <summary>Relative to the repository's root.</summary>
    public string Path { get; }

    public string Text => string.Join('\n', _lines);

    public int LineCount => _lines.Length;

    /// <summary>Where the page's links lead, as written.</summary>
    public IEnumerable<string> Links => LinkTarget().Matches(Text).Select(link => link.Groups[1].Value);

    /// <summary>What a link to this page may have behind its #.</summary>
    public IEnumerable<string> Anchors => _lines.Select(Title).OfType<string>()
        .Select(title => NoAnchorLetter().Replace(title.ToLowerInvariant(), "").Replace(' ', '-'));

    /// <summary>The rows of the page's tables, without their heads.</summary>
    public IEnumerable<string[]> Rows => _lines.Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries));

    public static MarkdownPage Read(string path) => new(path);

    /// <summary>The text under a heading of exactly this title, up to the next heading, or with all that is below it; empty when there is none.</summary>
    public string Section(string title, bool deep = false)
    {
        var start = Array.FindIndex(_lines, line => Title(line) == title);
        if (start < 0) return "";
        var level = Level(_lines[start]);
        var end = Array.FindIndex(_lines, start + 1, line => Title(line) is not null && (!deep || Level(line) <= level));
        return string.Join('\n', _lines[(start + 1)..(end < 0 ? _lines.Length : end)]);
    }

    /// <summary>The fenced blocks of a language in a text.</summary>
    public static IEnumerable<string> Blocks(string language, string text) =>
        Regex.Matches(text, $"^```{language}\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline).Select(block => block.Groups[1].Value);

    static string? Title(string line) => Level(line) is > 0 and var level ? line[level..].Trim() : null;

    static int Level(string line) => Heading().Match(line).Groups[1].Length;

    [GeneratedRegex(@"^(#+) ")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex LinkTarget();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchorLetter();
}
