using Dapper;

namespace ImagePipeline.Storage.Failures;

/// <summary>Which failed messages are meant: those for which all that is given is true.</summary>
public sealed record FailureFilter
{
    /// <summary>The messages with these ids, or that are in groups with these ids; both may be cut short, as long as they are at least 4 digits. Empty means all.</summary>
    public IReadOnlyList<string> Ids { get; init; } = [];

    /// <summary>The feed they are about.</summary>
    public string? Feed { get; init; }

    /// <summary>The listing they are about.</summary>
    public string? ListingKey { get; init; }

    /// <summary>The queue they failed on, or were found in.</summary>
    public string? Queue { get; init; }

    /// <summary>A part of the exception's type or message, in any case.</summary>
    public string? Exception { get; init; }

    /// <summary>Failed before this.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Failed at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Those that have failed at most so often; a message that is named by its full id is meant all the same.</summary>
    public int? MaxFailures { get; init; }

    /// <summary>Whether nothing is said of which are meant.</summary>
    public bool IsAll => this is { Ids: [], Feed: null, ListingKey: null, Queue: null, Exception: null, Before: null, Since: null };

    internal string Where(DynamicParameters parameters)
    {
        var all = new List<string> { "1 = 1" };
        if (Ids.Count > 0)
        {
            var any = new List<string>();
            foreach (var (i, id) in Ids.Index())
            {
                var isFull = IsMessage(id);
                any.Add(isFull ? $"id = @id{i}" : $"id LIKE @id{i} OR failure_group LIKE @id{i}");
                parameters.Add($"id{i}", isFull ? id.ToLowerInvariant() : $"{id.ToLowerInvariant()}%");
            }
            all.Add($"({string.Join(" OR ", any)})");
        }
        Add("feed = @feed", "feed", Feed);
        Add("listing_key = @listing", "listing", ListingKey);
        Add("(queue = @queue OR found_in = @queue)", "queue", Queue);
        Add("(LOWER(COALESCE(exception_type, '')) LIKE @exception ESCAPE '~' OR LOWER(reason) LIKE @exception ESCAPE '~')", "exception", Exception is null ? null : $"%{Escaped(Exception.ToLowerInvariant())}%");
        Add("failed_at < @before", "before", Before?.ToUnixTimeMilliseconds());
        Add("failed_at >= @since", "since", Since?.ToUnixTimeMilliseconds());
        var named = string.Concat(Ids.Index().Where(n => IsMessage(n.Item)).Select(n => $" OR id = @id{n.Index}"));
        Add($"(failures <= @maxFailures{named})", "maxFailures", MaxFailures);
        return string.Join(" AND ", all);

        void Add(string condition, string name, object? value)
        {
            if (value is null)
                return;
            all.Add(condition);
            parameters.Add(name, value);
        }
    }

    static bool IsMessage(string id) => id.Length == FailedMessageTable.IdDigits;

    static string Escaped(string text) => text.Replace("~", "~~", StringComparison.Ordinal).Replace("%", "~%", StringComparison.Ordinal).Replace("_", "~_", StringComparison.Ordinal);
}
