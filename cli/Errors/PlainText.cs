using System.Globalization;
using System.Text;
using Spectre.Console.Rendering;

namespace ImagePipeline.Cli.Errors;

/// <summary>Text for people of which no line is longer than 80 characters or wider than 80 columns, whatever is in it. What would move a terminal's cursor is written out.</summary>
static class PlainText
{
    public const int Width = 80;

    // Columns that are worth the beginning of a word.
    const int Least = 20;

    // Longer ones are no characters but somebody's joke.
    const int MaxElement = 8;

    /// <summary>Lines of a text, broken at spaces where possible. The first begins with <paramref name="first"/>, the others with <paramref name="next"/>; both are spaces or short labels.</summary>
    public static IEnumerable<string> Wrap(string text, string first = "", string next = "")
    {
        var line = new StringBuilder(first);
        var width = first.Length;
        var isEmpty = true;
        foreach (var word in Printable(text).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var wide = Elements(word).Sum(e => e.Width);
            // One that fits on no line is broken where it begins, unless that is near the end.
            if (!isEmpty && width + 1 + wide > Width && (next.Length + wide <= Width || width > Width - Least))
            {
                yield return line.ToString();
                (line, width, isEmpty) = (new StringBuilder(next), next.Length, true);
            }
            if (!isEmpty)
            {
                line.Append(' ');
                width++;
            }
            foreach (var element in Elements(word))
            {
                if (width + element.Width > Width)
                {
                    yield return line.ToString();
                    (line, width) = (new StringBuilder(next), next.Length);
                }
                line.Append(element.Text);
                width += element.Width;
            }
            isEmpty = false;
        }
        yield return line.ToString().TrimEnd();
    }

    /// <summary>Lines of a text that has lines and indentation of its own, such as JSON; a longer one is broken where it is full.</summary>
    public static IEnumerable<string> Block(string text, string indent)
    {
        foreach (var written in text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'))
        {
            var line = new StringBuilder(indent);
            var width = indent.Length;
            foreach (var element in Elements(Printable(written.TrimEnd())))
            {
                if (width + element.Width > Width)
                {
                    yield return line.ToString();
                    (line, width) = (new StringBuilder(indent), indent.Length);
                }
                line.Append(element.Text);
                width += element.Width;
            }
            yield return line.ToString().TrimEnd();
        }
    }

    /// <summary>The beginning of a text, on one line after <paramref name="first"/>.</summary>
    public static string Cut(string text, string first)
    {
        var line = new StringBuilder(first);
        var width = first.Length;
        var left = Elements(Printable(text)).ToList();
        var fits = width + left.Sum(e => e.Width) <= Width;
        foreach (var element in left.TakeWhile(e => fits || (width += e.Width) < Width))
            line.Append(element.Text);
        return fits ? line.ToString() : $"{line}…";
    }

    /// <summary>A number as people read it.</summary>
    public static string Number(long n) => n.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number of things.</summary>
    public static string Count(long n, string one, string? many = null) => $"{Number(n)} {(n == 1 ? one : many ?? $"{one}s")}";

    /// <summary>A time, in UTC and to the second.</summary>
    public static string Time(DateTimeOffset time) => time.ToString("u", CultureInfo.InvariantCulture);

    static string Printable(string text)
    {
        var printable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate)
                printable.Append(rune.Value is '\t' or '\n' or '\r' ? " " : string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"));
            else
                printable.Append(Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator ? " " : rune.ToString());
        }
        return printable.ToString();
    }

    // What a terminal shows in one place. As wide as its columns or its characters, whichever are more.
    static IEnumerable<(string Text, int Width)> Elements(string text)
    {
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            var element = elements.GetTextElement();
            if (element is [var c] && c < 0x7f)
                yield return (element, 1);
            else if (element.Length <= MaxElement)
                yield return (element, WidthOf(element));
            else
            {
                foreach (var rune in element.EnumerateRunes())
                    yield return (rune.ToString(), WidthOf(rune.ToString()));
            }
        }
    }

    static int WidthOf(string text) => Math.Max(text.Length, new Segment(text).CellCount());
}
