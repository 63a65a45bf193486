using ImagePipeline.Storage.Failures;

namespace ImagePipeline.Cli.Errors;

/// <summary>What to do about a kind of failure: a sentence, and the section of the runbook that has the rest.</summary>
sealed record FailureAdvice(string Sentence, string Section)
{
    public const string Page = "docs/operations.md";

    static readonly FailureAdvice InProcess = new("It failed in imagepipe run: start that again, and it asks for what failed once more.", "failures-of-one-process");
    static readonly FailureAdvice Parked = new("Whoever worked on it ended each time. Find out why before it is replayed: replayed, it ends the next one.", "parked");
    static readonly FailureAdvice Skipped = new("No consumer of its queue takes it: bring the service that consumes the queue up to date, then replay it.", "skipped");
    static readonly FailureAdvice Unrouted = new("Its lane was not there: start FeedIngest and PhotoWorker with the feed, then replay it.", "unrouted");
    static readonly FailureAdvice Unreadable = new("It cannot be read: mend who sends it, or the service that reads it, then replay or archive it.", "messages-that-cannot-be-read");
    static readonly FailureAdvice Photo = new("A defect, or trouble of one photo that outlasted all its tries: the stack says where.", "photo-requests");
    static readonly FailureAdvice Saga = new("A listing's state was not brought up to date: replay it when the cause is gone, nothing becomes older by it.", "listing-notifier");
    static readonly FailureAdvice Feed = new("FeedIngest could not work on it: replay it when the cause is gone.", "feed-ingest");
    static readonly FailureAdvice Other = new("The stack says where it was thrown. Mend that, then replay a few before all.", "any-other-queue");

    public static IReadOnlyList<FailureAdvice> All => [InProcess, Parked, Skipped, Unrouted, Unreadable, Photo, Saga, Feed, Other];

    public static FailureAdvice Of(FailureKind kind, string queue, string? messageType, string? exceptionType, bool inProcess) => (kind, queue) switch
    {
        _ when inProcess => InProcess,
        (FailureKind.Parked, _) => Parked,
        (FailureKind.Skipped, _) => Skipped,
        (FailureKind.Unrouted, _) => Unrouted,
        _ when messageType is null || exceptionType?.EndsWith("SerializationException", StringComparison.Ordinal) == true || exceptionType?.EndsWith("JsonException", StringComparison.Ordinal) == true => Unreadable,
        (_, var q) when q.StartsWith("photo-requested-", StringComparison.Ordinal) => Photo,
        (_, "listing-notifier") => Saga,
        (_, "listing-photos-submitted" or "listing-photos-requested" or "photo-url-expired" or "feed-announcements") => Feed,
        _ => Other,
    };

    public override string ToString() => $"{Sentence} See {Page}#{Section}";
}
