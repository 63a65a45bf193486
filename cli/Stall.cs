namespace ImagePipeline.Cli;

/// <summary>Notices that a run stands still: a full disk, a database that fails, a defect. A run must end.</summary>
sealed class Stall(TimeSpan giveUpAfter, TimeProvider time)
{
    (long, long, long, int) _last;
    DateTimeOffset _since = time.GetUtcNow();

    /// <summary>Always true.</summary>
    /// <exception cref="RunBrokenException">Nothing has changed for too long.</exception>
    public bool Look(int listingsLeft, RunNumbers numbers, int closedGates)
    {
        var now = (numbers.Gets, numbers.Puts, numbers.Retries, listingsLeft);
        if (now != _last || closedGates > 0)
        {
            _last = now;
            _since = time.GetUtcNow();
        }
        return time.GetUtcNow() - _since < giveUpAfter
            ? true
            : throw new RunBrokenException(
                $"Nothing has moved for {giveUpAfter} (setting Run:GiveUpAfter), and {listingsLeft} listings are not final; see the sentences above for the cause");
    }
}
