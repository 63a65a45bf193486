using ImagePipeline.Contracts;
using MassTransit;

namespace ImagePipeline.ListingNotifier;

/// <summary>
/// What is known of one listing: the set of photos wanted, and the outcomes seen. Sets, never counters, so that any event may come twice, late
/// or first. Every change of what an announcement would say raises <see cref="Announcement"/>.
/// </summary>
public sealed class ListingState : SagaStateMachineInstance, ISagaVersion
{
    /// <summary>The listing's id.</summary>
    public Guid CorrelationId { get; set; }

    /// <summary>The row's version.</summary>
    public int Version { get; set; }

    /// <summary>The state machine's state.</summary>
    public string CurrentState { get; set; } = "";

    /// <summary>The feed's id; null until the set is known.</summary>
    public string? Feed { get; set; }

    /// <summary>The listing's key; null until the set is known.</summary>
    public string? ListingKey { get; set; }

    /// <summary>The MLS number.</summary>
    public string? ListingId { get; set; }

    /// <summary>The generation of <see cref="Photos"/>; 0 until the set is known.</summary>
    public long Generation { get; set; }

    /// <summary>The highest ask of this generation.</summary>
    public int Ask { get; set; }

    /// <summary>
    /// How many sets were accepted, further asks included, and how many backfills changed a photo: a settled listing is announced at least once for each.
    /// </summary>
    public int Asked { get; set; }

    /// <summary>The photos wanted, in order.</summary>
    public IReadOnlyList<ListedPhoto> Photos { get; set; } = [];

    /// <summary>When the feed changed the listing.</summary>
    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>Why the listing may not be shown; null when it may.</summary>
    public string? Withdrawn { get; set; }

    /// <summary>True while stored objects are due for deletion: what is stored meanwhile does not count.</summary>
    public bool Removing { get; set; }

    /// <summary>Grows with each change of what would be announced; 0 until there is something to announce.</summary>
    public long Announcement { get; set; }

    /// <summary>The number of the latest backfill that told of this listing; 0 before the first.</summary>
    public long Backfill { get; set; }

    /// <summary>The generation in which all that was stored was last deleted: what a backfill found before is gone.</summary>
    public long RemovedGeneration { get; set; }

    /// <summary>When <see cref="Announcement"/> last grew.</summary>
    public DateTimeOffset AnnouncementAt { get; set; }

    /// <summary>When this generation had its first outcome: the deadline counts from here.</summary>
    public DateTimeOffset? DeadlineFrom { get; set; }

    /// <summary>Every outcome that matters: of the photos wanted, of earlier versions still shown, and of sets yet to come.</summary>
    public List<PhotoOutcome> Outcomes { get; set; } = [];

    /// <summary>The outcome of a photo's wanted version; null while it is pending.</summary>
    internal PhotoOutcome? OutcomeOf(ListedPhoto photo) => Find(photo.PhotoId, photo.Version);

    /// <summary>The version of a photo that is shown until the wanted one is stored.</summary>
    internal PhotoOutcome? ShownBefore(ListedPhoto photo) => Outcomes
        .Where(o => o.PhotoId == photo.PhotoId && o.Version != photo.Version && o.Kind == OutcomeKind.Stored && o.Generation < Generation)
        .MaxBy(o => o.Generation);

    internal int Count(OutcomeKind kind) => Photos.Count(p => OutcomeOf(p)?.Kind == kind);

    internal bool IsKnown => Generation > 0 && Withdrawn is null;

    internal bool IsSettled => IsKnown && Photos.All(p => OutcomeOf(p) is not null);

    internal bool IsComplete => IsKnown && Count(OutcomeKind.Stored) == Photos.Count;

    /// <summary>A set was told. Only a higher (generation, ask) changes anything.</summary>
    internal void Apply(ListingPhotosChanged set, DateTimeOffset now)
    {
        if (set.Generation < Generation || (set.Generation == Generation && (Withdrawn is not null || set.Ask <= Ask)))
            return;

        var isNew = set.Generation > Generation;
        Feed = set.Feed;
        ListingKey = set.ListingKey;
        ListingId = set.ListingId;
        Generation = set.Generation;
        Ask = set.Ask;
        Asked++;
        Photos = set.Photos;
        ChangedAt = set.ChangedAt;
        Withdrawn = null;

        // Asking again tries the failed ones again; a failure of this very generation may have come before its set.
        var tried = Outcomes.RemoveAll(o => o.Kind == OutcomeKind.Failed && (o.Generation < set.Generation || set.Ask > 0));
        if (isNew)
        {
            DeadlineFrom = null;
            Forget();
        }
        if (isNew || tried > 0)
            Raise(now);
    }

    /// <summary>An outcome was told; whether it is of this generation does not matter, only whether it is better than what is known.</summary>
    internal void Apply(PhotoOutcome outcome, DateTimeOffset now)
    {
        if (Withdrawn is not null || Removing)
        {
            // Stored after its listing was withdrawn: it goes too. Stored while objects are being deleted: it is asked for afterwards.
            Removing |= outcome.Kind == OutcomeKind.Stored;
            return;
        }

        var known = Find(outcome.PhotoId, outcome.Version);
        if (known is not null && known.Kind >= outcome.Kind)
            return;

        var wanted = Photos.FirstOrDefault(p => p.PhotoId == outcome.PhotoId);
        var isWanted = wanted?.Version == outcome.Version;
        // A late result of a set that is gone: nobody will ask for it, and what replaced it must not look older.
        if (!isWanted && outcome.Generation <= Generation)
            return;

        if (known is not null)
            Outcomes.Remove(known);
        Outcomes.Add(outcome);
        if (!isWanted)
            return;

        if (outcome.Kind == OutcomeKind.Stored)
            Forget();
        DeadlineFrom ??= now;
        Raise(now);
    }

    /// <summary>The listing may no longer be shown.</summary>
    internal void Apply(ListingWithdrawn withdrawn, DateTimeOffset now)
    {
        if (withdrawn.Generation < Generation || (withdrawn.Generation == Generation && Withdrawn is null))
            return;

        Feed = withdrawn.Feed;
        ListingKey = withdrawn.ListingKey;
        Generation = withdrawn.Generation;
        Ask = 0;
        Photos = [];
        Withdrawn = withdrawn.Why;
        // Also when it was withdrawn before: who tells it again has not heard that the photos are gone.
        Removing = true;
        Raise(now);
    }

    /// <summary>
    /// A backfill has stored photos in another profile. Only it moves a stored photo from one profile to another: a worker of an older deployment that finds
    /// a photo stored would move it back.
    /// </summary>
    internal void Apply(ListingBackfilled told, DateTimeOffset now)
    {
        var isOutdated = told.Backfill < Backfill || told.Generation < RemovedGeneration;
        Backfill = Math.Max(told.Backfill, Backfill);
        if (Withdrawn is not null || Removing)
        {
            // Stored while the rest was being deleted, or after: it goes too.
            Removing = true;
            return;
        }
        if (isOutdated)
            return;

        var isChanged = false;
        foreach (var photo in told.Photos)
        {
            if (Outcomes.FindIndex(o => o.PhotoId == photo.PhotoId && o.Version == photo.Version && o.Kind == OutcomeKind.Stored) is not (>= 0 and var at)
                || Outcomes[at].Stored!.Profile == told.Profile)
                continue;
            Outcomes[at] = Outcomes[at] with { Stored = StoredPhoto.Of(told.Profile, photo) };
            isChanged = true;
        }
        if (!isChanged)
            return;

        Asked++;
        Raise(now);
    }

    /// <summary>The objects are deleted. True when the listing is wanted again, and has to be asked for.</summary>
    internal bool Removed()
    {
        Removing = false;
        RemovedGeneration = Generation;
        Outcomes.Clear();
        DeadlineFrom = null;
        return Withdrawn is null && Photos.Count > 0;
    }

    PhotoOutcome? Find(Guid photoId, string version) => Outcomes.Find(o => o.PhotoId == photoId && o.Version == version);

    void Forget()
    {
        var keep = Photos
            .SelectMany(p => OutcomeOf(p) is { Kind: OutcomeKind.Stored } stored ? [stored] : new[] { OutcomeOf(p), ShownBefore(p) })
            .ToHashSet(ReferenceEqualityComparer.Instance);
        Outcomes.RemoveAll(o => o.Generation <= Generation && !keep.Contains(o));
    }

    void Raise(DateTimeOffset now)
    {
        // Never below the clock, as generations: after a lost database, subscribers would ignore small numbers, and their manifests are taken.
        Announcement = Math.Max(Announcement + 1, now.ToUnixTimeMilliseconds());
        AnnouncementAt = now;
    }
}
