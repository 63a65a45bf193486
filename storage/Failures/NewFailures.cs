using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ImagePipeline.Storage.Failures;

/// <summary>Which of the messages that were just taken are kept already, what the others have to do with those that failed before, and their rows.</summary>
static class NewFailures
{
    /// <summary>The rows to add.</summary>
    /// <param name="taken">What was taken, in order.</param>
    /// <param name="kept">What is kept of the same messages and of the same failures.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<NewFailure> Among(IReadOnlyList<FreshFailure> taken, IReadOnlyList<KnownFailure> kept, DateTimeOffset now)
    {
        var known = kept.ToList();
        var rows = new List<NewFailure>();
        foreach (var fresh in taken)
        {
            var same = known.Where(k => k.DeliveryKey == fresh.Key).ToList();
            if (same.Any(k => IsThis(k, fresh)))
                continue;
            var row = Row(fresh, same, known.Where(k => IsSameMessage(k, fresh)).MaxBy(k => k.Failures), now);
            rows.Add(row);
            known.Add(new KnownFailure
            {
                Id = row.Id,
                DeliveryKey = fresh.Key,
                MessageId = fresh.MessageId,
                Queue = fresh.Taken.Queue,
                State = nameof(FailureState.Failed),
                FirstId = row.FirstId,
                Failures = row.Failures,
            });
        }
        return rows;
    }

    // The very failure that is kept already: the broker hands it over again when whoever took it was killed before saying so. Equal messages without an id of their own are told apart by
    // nothing else; one that was dealt with since and has no time of its failure may just as well have failed again.
    static bool IsThis(KnownFailure known, FreshFailure fresh) => known.State == nameof(FailureState.Failed)
        ? fresh.MessageId is not null || !fresh.Taken.IsFirstDelivery
        : fresh.Taken.Occurrence is not null && !fresh.Taken.IsFirstDelivery;

    // An earlier failure of the message. One without an id of its own is told by its bytes, and only where the earlier one was dealt with: else they are two equal messages.
    static bool IsSameMessage(KnownFailure known, FreshFailure fresh) => known.Id == fresh.Taken.ReplayOf || known.MessageId == fresh.MessageId
        && (known.MessageId is null ? known.DeliveryKey == fresh.Key && known.State != nameof(FailureState.Failed) : known.Queue == fresh.Taken.Queue);

    static NewFailure Row(FreshFailure fresh, IReadOnlyCollection<KnownFailure> same, KnownFailure? before, DateTimeOffset now)
    {
        var (taken, envelope) = (fresh.Taken, fresh.Envelope);
        // Not simply the next number: of several with one key those in between may have been purged.
        var id = Enumerable.Range(0, int.MaxValue).Select(ordinal => IdOf(fresh.Key, ordinal)).First(id => same.All(k => k.Id != id));
        var pattern = Storable(FailureGroup.PatternOf(taken.Reason));
        var frame = Storable(FailureGroup.FrameOf(taken.StackTrace));
        var (queue, messageType, exceptionType) = (Storable(taken.Queue), Storable(envelope.MessageType), Storable(taken.ExceptionType));
        return new NewFailure(id, before?.FirstId ?? id, (before?.Failures ?? 0) + 1,
        [
            ("id", id),
            ("delivery_key", fresh.Key),
            ("state", nameof(FailureState.Failed)),
            ("failure_group", FailureGroup.IdOf(exceptionType, pattern, frame, messageType, queue)),
            ("kind", taken.Kind.ToString()),
            ("queue", queue),
            ("found_in", Storable(taken.FoundIn)),
            ("in_process", taken.InProcess ? 1 : 0),
            ("message_id", fresh.MessageId),
            ("message_type", messageType),
            ("exception_type", exceptionType),
            ("reason", Storable(taken.Reason)),
            ("pattern", pattern),
            ("frame", frame),
            ("feed", Storable(envelope.Feed)),
            ("listing_key", Storable(envelope.ListingKey)),
            ("photo_id", Storable(envelope.PhotoId)),
            ("first_id", before?.FirstId ?? id),
            ("failures", (before?.Failures ?? 0) + 1),
            // A staged message may be published already: the replay was killed before it recorded that, or is just about to.
            ("from_replay", before?.State is nameof(FailureState.Replayed) or nameof(FailureState.Staged) ? before.Replay : null),
            ("failed_at", (taken.FailedAt ?? now).ToUnixTimeMilliseconds()),
            ("taken_at", now.ToUnixTimeMilliseconds()),
            ("changed_at", now.ToUnixTimeMilliseconds()),
            ("stack_trace", Storable(taken.StackTrace)),
            ("properties", taken.Properties.ToArray()),
            ("body", taken.Body.ToArray()),
        ]);
    }

    static string IdOf(string key, int ordinal) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{key}\n{ordinal}"))))[..FailedMessageTable.IdDigits];

    // PostgreSQL's text has no NUL, and no half of a character outside of Unicode's first plane, which is what a text that was cut may end with.
    [return: NotNullIfNotNull(nameof(text))]
    internal static string? Storable(string? text) => text is null ? null : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Replace("\0", "", StringComparison.Ordinal)));
}

/// <summary>A message that was just taken, and what its bytes tell.</summary>
sealed record FreshFailure(TakenMessage Taken, MessageEnvelope Envelope, string? MessageId, string Key)
{
    public static FreshFailure Of(TakenMessage taken)
    {
        var envelope = MessageEnvelope.Read(taken.Body);
        var messageId = NewFailures.Storable(taken.MessageId ?? envelope.MessageId);
        return new(taken, envelope, messageId, taken.DeliveryKey(messageId));
    }
}

/// <summary>A row to add.</summary>
sealed record NewFailure(string Id, string FirstId, int Failures, IReadOnlyList<(string Column, object? Value)> Values);

/// <summary>A failure that is kept already.</summary>
sealed record KnownFailure
{
    public required string Id { get; init; }

    public required string DeliveryKey { get; init; }

    public required string? MessageId { get; init; }

    public required string Queue { get; init; }

    public required string State { get; init; }

    public required string FirstId { get; init; }

    public required int Failures { get; init; }

    public long? Replay { get; init; }
}
