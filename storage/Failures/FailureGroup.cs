using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace ImagePipeline.Storage.Failures;

/// <summary>
/// Which failures are one: those of the same exception type, message (without what differs from one to the next), first frame of our own code, message type and queue.
/// </summary>
public static partial class FailureGroup
{
    const int MaxPatternLength = 300;
    const int MaxReasonLength = 4_000;

    /// <summary>The group's id: 8 hexadecimal digits, the same in every process and version.</summary>
    public static string IdOf(string? exceptionType, string pattern, string? frame, string? messageType, string queue)
    {
        var all = string.Join('\n', exceptionType, pattern, frame, messageType, queue);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)))[..8];
    }

    /// <summary>
    /// A reason without what differs from message to message: addresses, times, ids and keys, numbers, what stands in quotation marks. A status code of HTTP stays:
    /// 404 and 503 are two failures.
    /// </summary>
    public static string PatternOf(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        // Far more than what is kept of it: what is replaced gets shorter.
        var start = reason.Length > MaxReasonLength ? reason[..MaxReasonLength] : reason;
        var text = Urls().Replace(start.ReplaceLineEndings(" "), "{url}");
        text = Guids().Replace(text, "{id}");
        text = Times().Replace(text, "{time}");
        text = Quoted().Replace(text, m => $"{m.Value[0]}…{m.Value[^1]}");
        text = Addresses().Replace(text, "{address}");
        text = Statuses().Replace(text, m => m.Groups["word"].Value + m.Groups["between"].Value + Protected(m.Groups["code"].Value));
        text = Numbered().Replace(text, "#");
        text = new string([.. text.Select(c => c is >= FirstProtected and <= LastProtected ? (char)(c - FirstProtected + '0') : c)]);
        text = Spaces().Replace(text, " ").Trim();
        return text.Length > MaxPatternLength ? text[..MaxPatternLength] : text;
    }

    /// <summary>The first frame of ImagePipeline's code: type and method, without arguments, file and line, which differ between builds. Null where there is none.</summary>
    public static string? FrameOf(string? stackTrace)
    {
        if (stackTrace is null || OurFrame().Match(stackTrace) is not { Success: true } frame)
            return null;
        // What the compiler makes of an async method or a lambda: Namespace.Type.<Method>d__3.MoveNext, Namespace.Type.<>c__DisplayClass4_0.<Method>b__0
        var name = frame.Groups["name"].Value;
        while (Generated().Replace(name, "${method}") is var written && written != name)
            name = written;
        // Of a constructor: Namespace.Type..ctor
        var parts = name.Split('.', StringSplitOptions.RemoveEmptyEntries);
        return string.Join('.', parts[^Math.Min(2, parts.Length)..]);
    }

    // Digits moved to where no text has any (a private use area), so that they pass by what replaces digits.
    const char FirstProtected = '\uE000';
    const char LastProtected = '\uE009';

    static string Protected(string digits) => new([.. digits.Select(d => (char)(d - '0' + FirstProtected))]);

    [GeneratedRegex(@"\b[a-z][a-z0-9+.-]*://[^\s""'<>)\]]+", RegexOptions.IgnoreCase)]
    private static partial Regex Urls();

    [GeneratedRegex(@"\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b", RegexOptions.IgnoreCase)]
    private static partial Regex Guids();

    [GeneratedRegex(@"\b\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?|\b\d{1,2}:\d{2}:\d{2}([.,]\d+)?\b")]
    private static partial Regex Times();

    [GeneratedRegex(@"""[^""]*""|(?<!\w)'[^']*'(?!\w)|“[^”]*”|‘[^’]*’|`[^`]*`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b|\[?\b[0-9a-f]{0,4}(:[0-9a-f]{0,4}){3,7}\b\]?(:\d+)?", RegexOptions.IgnoreCase)]
    private static partial Regex Addresses();

    // Of the codes only those that servers send, and none that counts or measures: any other number would make a group of each message.
    [GeneratedRegex(
        """
        (?<word>\b(status|code|http(/\d(\.\d)?)?|answer(s|ed)?|respon(se|ded)|return(s|ed)?|said|with|success|error|got))(?<between>[^\w]{1,4}((code|status|is|was|with|of)[^\w]{1,3})?)
        (?<code>[1345]0\d|20\d|226|41\d|42\d|431|451|499|51\d|52\d|530|598|599)\b(?!\s*(%|[KMGT]?i?B\b|bytes?\b|of\b|out\b|m?s\b|seconds?\b|minutes?\b|hours?\b|px\b|pixels?\b|times?\b|tries\b|rows?\b|photos?\b|images?\b|listings?\b|messages?\b|items?\b|characters?\b|more\b|[.,:/]\d))
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Statuses();

    // A word that has a digit is a key or a number, with what ties words together in keys.
    [GeneratedRegex(@"(?<![\p{L}\d_])[\p{L}\d_/.:+%@#-]*\d[\p{L}\d_/.:+%@#-]*(?<![.:])")]
    private static partial Regex Numbered();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^\s*at (?<name>ImagePipeline\.[^\s(\[]+)", RegexOptions.Multiline)]
    private static partial Regex OurFrame();

    [GeneratedRegex(@"(<>c(__DisplayClass\w+)?(`\d+)?\.)?<(?<method>\w+)>[\w|]*(`\d+)?(\.MoveNext)?")]
    private static partial Regex Generated();
}
