using ImagePipeline.Contracts;
using MassTransit;

namespace ImagePipeline.ListingNotifier;

//            any event                     ListingWithdrawn
//  (none) ─────────────> Tracked ─────────────────────────────> Withdrawn
//                        │    ▲ <──────────────────────────────┘   │
//                        └────┘     ListingPhotosChanged (newer)   └─ everything else: stays
//   ListingPhotosChanged · PhotoStored · PhotoRejected · all tries failed · ListingBackfilled (of a listing that is known)

/// <summary>
/// The saga of one listing. Every event is taken in every state, because each can come first, twice or late; only a backfill has nothing to change
/// where nothing is known. What an event changes is decided by <see cref="ListingState"/>. The saga publishes nothing: the signaller does, from what was committed. Rows are never deleted: a withdrawn
/// listing's is its tombstone.
/// </summary>
public sealed class ListingStateMachine : MassTransitStateMachine<ListingState>
{
    readonly TimeProvider _time;

    /// <summary>Declares events, states and what follows what.</summary>
    public ListingStateMachine(TimeProvider time)
    {
        _time = time;
        InstanceState(x => x.CurrentState);

        Event(() => PhotosChanged, e => e.CorrelateById(c => c.Message.ListingUid));
        Event(() => Stored, e => e.CorrelateById(c => c.Message.ListingUid));
        Event(() => Rejected, e => e.CorrelateById(c => c.Message.ListingUid));
        Event(() => Failed, e => e.CorrelateById(c => c.Message.Message.ListingUid));
        Event(() => ListingWithdrawn, e => e.CorrelateById(c => c.Message.ListingUid));
        Event(() => Backfilled, e =>
        {
            e.CorrelateById(c => c.Message.ListingUid);
            e.OnMissingInstance(m => m.Discard());
        });

        Initially(All());
        During(Tracked, [.. All(), Backfill()]);
        During(Withdrawn, [.. All(), Backfill()]);
    }

    /// <summary>The listing's photos are wanted.</summary>
    public State Tracked { get; private set; } = null!;

    /// <summary>The listing may not be shown.</summary>
    public State Withdrawn { get; private set; } = null!;

    /// <summary>The set was told.</summary>
    public Event<ListingPhotosChanged> PhotosChanged { get; private set; } = null!;

    /// <summary>A photo is stored.</summary>
    public Event<PhotoStored> Stored { get; private set; } = null!;

    /// <summary>A photo's data is bad.</summary>
    public Event<PhotoRejected> Rejected { get; private set; } = null!;

    /// <summary>All tries for a photo failed.</summary>
    public Event<Fault<PhotoRequested>> Failed { get; private set; } = null!;

    /// <summary>The feed took the listing back.</summary>
    public Event<ListingWithdrawn> ListingWithdrawn { get; private set; } = null!;

    /// <summary>Photos are stored in another profile.</summary>
    public Event<ListingBackfilled> Backfilled { get; private set; } = null!;

    EventActivities<ListingState>[] All() =>
    [
        Follow(When(PhotosChanged).Then(c => c.Saga.Apply(c.Message, _time.GetUtcNow()))),
        Follow(When(Stored).Then(c => c.Saga.Apply(Outcome(c.Message), _time.GetUtcNow()))),
        Follow(When(Rejected).Then(c => c.Saga.Apply(Outcome(c.Message), _time.GetUtcNow()))),
        Follow(When(Failed).Then(c => c.Saga.Apply(Outcome(c.Message), _time.GetUtcNow()))),
        Follow(When(ListingWithdrawn).Then(c => c.Saga.Apply(c.Message, _time.GetUtcNow()))),
    ];

    EventActivities<ListingState> Backfill() => When(Backfilled).Then(c => c.Saga.Apply(c.Message, _time.GetUtcNow()));

    EventActivityBinder<ListingState, T> Follow<T>(EventActivityBinder<ListingState, T> binder)
        where T : class => binder.IfElse(c => c.Saga.Withdrawn is null, x => x.TransitionTo(Tracked), x => x.TransitionTo(Withdrawn));

    internal static PhotoOutcome Outcome(PhotoStored m) => new()
    {
        PhotoId = m.PhotoId,
        Version = m.Version,
        Generation = m.Generation,
        Kind = OutcomeKind.Stored,
        Stored = StoredPhoto.Of(m),
    };

    internal static PhotoOutcome Outcome(PhotoRejected m) => new()
    {
        PhotoId = m.PhotoId,
        Version = m.Version,
        Generation = m.Generation,
        Kind = OutcomeKind.Rejected,
        Rejection = m.Reason,
        Detail = m.Detail,
    };

    internal static PhotoOutcome Outcome(Fault<PhotoRequested> m) => new()
    {
        PhotoId = m.Message.PhotoId,
        Version = m.Message.Version,
        Generation = m.Message.Generation,
        Kind = OutcomeKind.Failed,
        Detail = m.Exceptions is [{ Message: { } message }, ..] ? message : "All tries failed.",
    };
}
