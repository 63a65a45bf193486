using ImagePipeline.ServiceDefaults;

namespace ImagePipeline.Cli;

/// <summary>Notices that a run stands still: a store or a database that does not come back, a defect. A run must end.</summary>
/// <param name="giveUpAfter">How long it may.</param>
/// <param name="time">The clock.</param>
/// <param name="left">What the listings are that are left, and where a person finds the cause.</param>
sealed class Stall(TimeSpan giveUpAfter, TimeProvider time, string left = "are not final; see the sentences above for the cause")
{
    // A gate may have been closed by a run before.
    readonly DateTimeOffset _start = time.GetUtcNow();

    (long, long, long, int) _last;
    DateTimeOffset _since = time.GetUtcNow();

    /// <summary>Looks at everything that may move.</summary>
    /// <exception cref="RunBrokenException">Nothing has changed for too long.</exception>
    public void Look(int listingsLeft, RunNumbers numbers, IReadOnlyList<ClosedGate> closedGates)
    {
        Look(closedGates);
        var now = (numbers.Gets, numbers.Puts, numbers.Retries, listingsLeft);
        // A vendor that asks to wait is waited for: how long is the fetcher's to say.
        if (now != _last || closedGates.Any(gate => Gates.FeedOf(gate.Name) is not null))
        {
            _last = now;
            _since = time.GetUtcNow();
        }
        if (time.GetUtcNow() - _since >= giveUpAfter)
            throw new RunBrokenException(
                $"Nothing has moved for {giveUpAfter} (setting Run:GiveUpAfter), and {listingsLeft} listings {left}");
    }

    /// <summary>Looks at the gates alone.</summary>
    /// <exception cref="RunBrokenException">The store or the database has been out of use for too long.</exception>
    public void Look(IReadOnlyList<ClosedGate> closedGates)
    {
        var lasting = closedGates.FirstOrDefault(gate =>
            Gates.FeedOf(gate.Name) is null && time.GetUtcNow() - (gate.Since > _start ? gate.Since : _start) >= giveUpAfter);
        if (lasting is not null)
            throw new RunBrokenException($"{lasting.Why.TrimEnd('.')}, for {giveUpAfter} now (setting Run:GiveUpAfter)");
    }
}
