using System.Diagnostics;
using System.Globalization;

namespace ImagePipeline.TestSupport;

/// <summary>Waits for what another process will show at some time, such as a broker's count.</summary>
public static class Eventually
{
    // Much longer than anything here takes on a busy machine, so that it is over only where what is waited for never comes.
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Looks until the value is the expected one.</summary>
    /// <exception cref="TimeoutException">It never was; the message says what it was last.</exception>
    public static async Task IsAsync<T>(T expected, Func<Task<T>> look, TimeSpan? patience = null)
    {
        var elapsed = Stopwatch.StartNew();
        while (true)
        {
            var seen = await look();
            if (Equals(expected, seen))
                return;
            if (elapsed.Elapsed > (patience ?? Patience))
                throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"Expected was {expected}; after {elapsed.Elapsed.TotalSeconds:0} s it is {seen}."));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    /// <summary>Looks until it is so.</summary>
    /// <exception cref="TimeoutException">It never was.</exception>
    public static Task IsSoAsync(Func<Task<bool>> look) => IsAsync(true, look);

    /// <summary>Looks until it is so.</summary>
    /// <exception cref="TimeoutException">It never was.</exception>
    public static Task IsSoAsync(Func<bool> look) => IsSoAsync(() => Task.FromResult(look()));
}
