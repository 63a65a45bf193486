using System.Text.Json;
using System.Text.Json.Serialization;
using ImagePipeline.Storage.Failures;

namespace ImagePipeline.Cli.Errors;

// What --json prints: names and meanings stay, properties may be added.

/// <summary>Of <c>errors list</c>.</summary>
sealed record ListDocument(IReadOnlyList<GroupDocument> Groups, long Messages, int TakenIn, string? QueuesNotLookedAt);

/// <summary>A group of failed messages.</summary>
sealed record GroupDocument(
    string Id, long Messages, long FailedAgain, long Staged, DateTimeOffset Since, DateTimeOffset Latest, FailureKind Kind, string Queue, string? MessageType, string? ExceptionType,
    string Pattern, string? Frame, long Feeds, ExampleDocument Example)
{
    public static GroupDocument Of(FailureGroupRow group) => new(
        group.Id, group.Messages, group.Again, group.Staged, group.Since, group.Latest, group.Kind, group.Queue, group.MessageType, group.ExceptionType,
        Redaction.Text(group.Pattern), group.Frame, group.Feeds,
        new(group.ExampleId, Documents.Redacted(group.ExampleFeed), Documents.Redacted(group.ExampleListingKey), Documents.Redacted(group.ExamplePhotoId)));
}

/// <summary>One message of a group.</summary>
sealed record ExampleDocument(string Id, string? Feed, string? ListingKey, string? PhotoId);

/// <summary>Of <c>errors show GROUP</c>.</summary>
sealed record GroupPage(GroupDocument Group, IReadOnlyList<StateCount> States, IReadOnlyList<FeedCount> ByFeed, string? StackTrace, IReadOnlyList<FailureDocument> Latest, string Advice);

/// <summary>How many messages of a group stand where.</summary>
sealed record StateCount(FailureState State, long Messages);

/// <summary>How many messages of a group are about a feed.</summary>
sealed record FeedCount(string? Feed, long Messages);

/// <summary>One failure of a message.</summary>
sealed record FailureDocument(
    string Id, FailureState State, string Group, FailureKind Kind, string Queue, string FoundIn, bool InProcess, string? MessageId, string? MessageType, string? ExceptionType, string Reason,
    string? Frame, string? Feed, string? ListingKey, string? PhotoId, string FirstId, int Failures, long? FromReplay, long? Replay, DateTimeOffset FailedAt, DateTimeOffset TakenAt)
{
    public static FailureDocument Of(FailedMessage message) => new(
        message.Id, message.State, message.Group, message.Kind, message.Queue, message.FoundIn, message.InProcess, message.MessageId, message.MessageType, message.ExceptionType,
        Redaction.Text(message.Reason), message.Frame, Documents.Redacted(message.Feed), Documents.Redacted(message.ListingKey), Documents.Redacted(message.PhotoId), message.FirstId,
        message.Failures, message.FromReplay, message.Replay, message.FailedAt, message.TakenAt);
}

/// <summary>Of <c>errors show ID</c>.</summary>
sealed record MessagePage(
    FailureDocument Message, IReadOnlyList<FailureDocument> AllFailures, IReadOnlyList<ReplayDocument> Replays, string? StackTrace, JsonElement? Properties, int BodyBytes, JsonElement? Body,
    string? BodyText, bool BodyTextIsCut, string Advice);

/// <summary>Of <c>errors history</c>.</summary>
sealed record HistoryDocument(IReadOnlyList<ReplayDocument> History);

/// <summary>What somebody did.</summary>
sealed record ReplayDocument(
    long Number, string Action, string By, string Asked, ReplayState State, int Messages, long Sent, long Waiting, long FailedAgain, double? PerSecond, bool Canary, string? Why,
    DateTimeOffset StartedAt, DateTimeOffset? EndedAt)
{
    public static ReplayDocument Of(Replay replay) => new(
        replay.Number, replay.Action, replay.Asked.By, Redaction.Text(replay.Asked.What), replay.State, replay.Messages, replay.Sent, replay.Waiting, replay.CameBack,
        replay.Pace.PerSecond, replay.Pace.IsCanary, Documents.Redacted(replay.Why), replay.StartedAt, replay.EndedAt);
}

/// <summary>Of <c>errors archive</c> and <c>errors restore</c>.</summary>
sealed record MoveDocument(bool Done, long Messages, IReadOnlyList<GroupDocument> Groups, long? Number);

/// <summary>Writes them to stdout.</summary>
static class Documents
{
    static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter() },
    };

    public static void Print<T>(T document) => Console.Out.WriteLine(JsonSerializer.Serialize(document, Indented));

    public static string? Redacted(string? text) => text is null ? null : Redaction.Text(text);

    /// <summary>JSON as a part of a document, without secrets; null when it is none.</summary>
    public static JsonElement? Json(ReadOnlyMemory<byte> utf8)
    {
        if (Redaction.Json(utf8, indented: false) is not { } json)
            return null;
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
