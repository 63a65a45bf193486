using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace ImagePipeline.FeedIngest;

/// <summary>How the reading of one feed goes in this process. Safe to read while it goes on.</summary>
public sealed class FeedStatus(string feed)
{
    int _read;
    int _refused;

    /// <summary>The feed's id.</summary>
    public string Feed { get; } = feed;

    /// <summary>Records understood.</summary>
    public int Read => _read;

    /// <summary>Records that could not be understood.</summary>
    public int Refused => _refused;

    /// <summary>One sentence when the last reading broke off; null while all is well.</summary>
    public string? Failure { get; internal set; }

    internal void CountRead() => Interlocked.Increment(ref _read);

    internal void CountRefused() => Interlocked.Increment(ref _refused);
}

/// <summary>The feeds this process has to do with: those configured, and those that appeared in what it read.</summary>
public sealed class FeedStatuses(IOptions<FeedIngestOptions> options)
{
    readonly ConcurrentDictionary<string, FeedStatus> _feeds = new();
    readonly TaskCompletionSource _readOnce = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>All of them, by id.</summary>
    public IReadOnlyList<FeedStatus> All => [.. _feeds.Values.OrderBy(f => f.Feed, StringComparer.Ordinal)];

    /// <summary>Completes when every configured feed was read to its end once, or its reading has failed, and all that was left over is asked for.</summary>
    public Task ReadOnce => _readOnce.Task;

    internal void CompleteReading(Exception? failure)
    {
        if (failure is null)
            _readOnce.TrySetResult();
        else
            _readOnce.TrySetException(failure);
    }

    /// <summary>The status of a feed, from its first mention on.</summary>
    /// <exception cref="TooManyFeedsException">It would be one more than <see cref="FeedIngestOptions.MaxFeeds"/>.</exception>
    internal FeedStatus Of(string feed)
    {
        if (_feeds.TryGetValue(feed, out var status))
            return status;
        if (_feeds.Count >= options.Value.MaxFeeds)
            throw new TooManyFeedsException(
                $"Feed {feed} is one more than the {options.Value.MaxFeeds} that FeedIngest:MaxFeeds (environment variable FeedIngest__MaxFeeds) allows.");
        return _feeds.GetOrAdd(feed, id => new FeedStatus(id));
    }
}

/// <summary>More feeds than one process may take on. The message is a sentence for a person.</summary>
public sealed class TooManyFeedsException(string message) : Exception(message);
