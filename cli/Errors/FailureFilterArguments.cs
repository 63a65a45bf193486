using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ImagePipeline.ServiceDefaults.Hosting;
using ImagePipeline.Storage.Failures;

namespace ImagePipeline.Cli.Errors;

/// <summary>The arguments by which the errors commands are told which failed messages are meant: ids, and filters of which all must be true.</summary>
sealed class FailureFilterArguments
{
    readonly Argument<string[]> _ids = new("ID|GROUP")
    {
        Description = "ids of messages or groups, as errors list shows them; may be cut short to 4 digits or more",
        Arity = ArgumentArity.ZeroOrMore,
    };

    readonly Option<string?> _feed = new("--feed") { Description = "only what is about this feed", HelpName = "FEED" };
    readonly Option<string?> _listing = new("--listing") { Description = "only what is about this listing", HelpName = "KEY" };
    readonly Option<string?> _queue = new("--queue") { Description = "only what failed on this queue, or was found in it", HelpName = "QUEUE" };
    readonly Option<string?> _exception = new("--exception") { Description = "only where the exception's type or message has this text", HelpName = "TEXT" };
    readonly Option<TimeSpan?> _olderThan = Age("--older-than", "only what failed longer ago than this, such as 2h (s, m, h, d)");
    readonly Option<TimeSpan?> _newerThan = Age("--newer-than", "only what failed since, such as 30m (s, m, h, d)");

    public FailureFilterArguments() => _ids.Validators.Add(Check);

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(_ids);
        command.Options.Add(_feed);
        command.Options.Add(_listing);
        command.Options.Add(_queue);
        command.Options.Add(_exception);
        command.Options.Add(_olderThan);
        command.Options.Add(_newerThan);
    }

    /// <summary>What is meant, with ids in full. An age counts from <paramref name="now"/>.</summary>
    /// <exception cref="CannotStartException">An id is unknown, or the beginning of several.</exception>
    public async Task<FailureFilter> ReadAsync(ParseResult parsed, FailedMessageTable messages, DateTimeOffset now, CancellationToken cancellation)
    {
        var ids = new List<string>();
        foreach (var id in parsed.GetValue(_ids) ?? [])
            ids.Add(await FullAsync(id, messages, cancellation));
        return new FailureFilter
        {
            Ids = [.. ids.Distinct()],
            Feed = parsed.GetValue(_feed),
            ListingKey = parsed.GetValue(_listing),
            Queue = parsed.GetValue(_queue),
            Exception = parsed.GetValue(_exception),
            Before = now - parsed.GetValue(_olderThan),
            Since = now - parsed.GetValue(_newerThan),
        };
    }

    /// <summary>The queue that is named, if one is.</summary>
    public string? Queue(ParseResult parsed) => parsed.GetValue(_queue);

    /// <summary>The full id of the one message or group that begins with these digits.</summary>
    /// <exception cref="CannotStartException">There is none, or more than one.</exception>
    public static async Task<string> FullAsync(string id, FailedMessageTable messages, CancellationToken cancellation)
    {
        var known = await messages.IdsAsync(id, cancellation);
        return known switch
        {
            [var one] => one,
            [] => throw new CannotStartException($"There is no failed message and no group {id}; imagepipe errors list shows what there is."),
            _ => throw new CannotStartException($"{id} is the beginning of several ids ({string.Join(", ", known)}{(known.Count > 3 ? ", …" : "")}); write more digits."),
        };
    }

    /// <summary>Whether these are digits that an id may begin with, and a sentence where they are not.</summary>
    public static string? Wrong(string id) => id.Length is >= FailedMessageTable.MinIdDigits and <= FailedMessageTable.IdDigits && id.All(char.IsAsciiHexDigit)
        ? null
        : $"{id} is no id: ids are {FailedMessageTable.IdDigits} hexadecimal digits for a message and {FailedMessageTable.GroupDigits} for a group, and may be cut short to {FailedMessageTable.MinIdDigits}.";

    /// <summary>A time as people write it, such as 90s, 30m, 2h, 7d; null for anything else.</summary>
    public static TimeSpan? TimeOf(string text)
    {
        if (text.Length < 2 || !double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 36_500)
            return null;
        return char.ToLowerInvariant(text[^1]) switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' => TimeSpan.FromDays(number),
            _ => null,
        };
    }

    /// <summary>Whether any of them is on the command line.</summary>
    public bool IsGiven(CommandResult result) => result.GetResult(_ids) is { Tokens.Count: > 0 }
        || new Option[] { _feed, _listing, _queue, _exception, _olderThan, _newerThan }.Any(option => result.GetResult(option) is { Implicit: false });

    /// <summary>What was said, as it would be typed again.</summary>
    public string Text(ParseResult parsed)
    {
        var said = new List<string>(parsed.GetValue(_ids) ?? []);
        foreach (var option in new[] { _feed, _listing, _queue, _exception })
        {
            if (parsed.GetValue(option) is { } value)
                said.Add($"{option.Name} {(value.Contains(' ', StringComparison.Ordinal) ? $"\"{value}\"" : value)}");
        }
        foreach (var option in new[] { _olderThan, _newerThan })
        {
            if (parsed.GetResult(option)?.Tokens is [var age, ..])
                said.Add($"{option.Name} {age.Value}");
        }
        return string.Join(' ', said);
    }

    static Option<TimeSpan?> Age(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            if (TimeOf(result.Tokens[0].Value) is { } time)
                return time;
            result.AddError($"{name} is \"{result.Tokens[0].Value}\"; accepted is a number with s, m, h or d, such as 30m or 2h.");
            return null;
        },
    };

    static void Check(ArgumentResult result)
    {
        foreach (var token in result.Tokens)
        {
            if (Wrong(token.Value) is { } sentence)
                result.AddError(sentence);
        }
    }
}
