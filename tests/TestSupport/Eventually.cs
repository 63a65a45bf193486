using System.Diagnostics;
using System.Globalization;

namespace ImagePipeline.TestSupport;

/// <summary>Waits for what another process will show at some time, such as a broker's count.</summary>
public static class Eventually
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

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
}
