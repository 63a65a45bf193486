using System.Collections.Concurrent;
using ImagePipeline.ListingNotifier;
using ImagePipeline.ServiceDefaults;

namespace ImagePipeline.Cli;

/// <summary>What a backfill has come to so far. Safe for concurrent use.</summary>
sealed class BackfillTally
{
    // More than a person reads; the numbers count all of them.
    const int ProblemsKept = 100;

    readonly ConcurrentQueue<string> _problems = new();
    int _total, _lookedAt, _told, _awaited, _announced, _later, _withdrawn, _leftToNewer, _rendered, _alreadyThere, _noOriginal, _rejected, _failed;

    /// <summary>Listings there are to look at.</summary>
    public int Total { get => Volatile.Read(ref _total); set => Volatile.Write(ref _total, value); }

    /// <summary>Listings looked at, and where something was to be done, done with.</summary>
    public int LookedAt => Volatile.Read(ref _lookedAt);

    /// <summary>Listings of which ListingNotifier was told.</summary>
    public int Told => Volatile.Read(ref _told);

    /// <summary>Listings that are to be announced: those told, and those that a backfill before this one has told.</summary>
    public int Awaited => Volatile.Read(ref _awaited);

    /// <summary>Listings that were awaited and are not any more.</summary>
    public int Come => Announced + Later + Volatile.Read(ref _withdrawn);

    /// <summary>Listings that are not done with: not looked at, or awaited.</summary>
    public int ListingsLeft => Total - LookedAt + Awaited - Come;

    /// <summary>Of those awaited the ones that were announced.</summary>
    public int Announced => Volatile.Read(ref _announced);

    /// <summary>Of those awaited the ones that are not final, and are announced when they are, or at their deadline.</summary>
    public int Later => Volatile.Read(ref _later);

    /// <summary>Listings of which a newer backfill has told.</summary>
    public int LeftToNewer => Volatile.Read(ref _leftToNewer);

    /// <summary>Photos rendered.</summary>
    public int Rendered => Volatile.Read(ref _rendered);

    /// <summary>Photos whose renditions were there.</summary>
    public int AlreadyThere => Volatile.Read(ref _alreadyThere);

    /// <summary>Photos without an original.</summary>
    public int NoOriginal => Volatile.Read(ref _noOriginal);

    /// <summary>Photos whose original is bad.</summary>
    public int Rejected => Volatile.Read(ref _rejected);

    /// <summary>Photos that could not be read, rendered or stored.</summary>
    public int Failed => Volatile.Read(ref _failed);

    /// <summary>Photos that stay in the profile they are in.</summary>
    public int LeftAsTheyAre => NoOriginal + Rejected + Failed;

    /// <summary>A sentence for each of the first photos that stay in the profile they are in.</summary>
    public IReadOnlyList<string> Problems => [.. _problems];

    public void LookedAtOne() => Interlocked.Increment(ref _lookedAt);

    public void ToldOne() => Interlocked.Increment(ref _told);

    public void AwaitedOne() => Interlocked.Increment(ref _awaited);

    public void HasCome(ListingAwaited state) => Interlocked.Increment(
        ref state == ListingAwaited.Announced ? ref _announced : ref state == ListingAwaited.NotFinal ? ref _later : ref _withdrawn);

    public void LeftOneToNewer() => Interlocked.Increment(ref _leftToNewer);

    public void Made(bool alreadyThere) => Interlocked.Increment(ref alreadyThere ? ref _alreadyThere : ref _rendered);

    public void Left(BackfillProblem problem, string sentence)
    {
        switch (problem)
        {
            case BackfillProblem.NoOriginal:
                Interlocked.Increment(ref _noOriginal);
                break;
            case BackfillProblem.Rejected:
                Interlocked.Increment(ref _rejected);
                break;
            case BackfillProblem.Failed:
                Interlocked.Increment(ref _failed);
                break;
        }
        if (_problems.Count < ProblemsKept)
            _problems.Enqueue(sentence);
    }
}

/// <summary>Why a photo stays in the profile it is in.</summary>
enum BackfillProblem
{
    /// <summary>Its original is not in the store.</summary>
    NoOriginal,

    /// <summary>Its original is bad by the limits of now.</summary>
    Rejected,

    /// <summary>It could not be read, rendered or stored.</summary>
    Failed,
}

/// <summary>One look at a backfill.</summary>
sealed record BackfillView(BackfillTally Tally, IReadOnlyList<ClosedGate> ClosedGates, RunNumbers Numbers);
