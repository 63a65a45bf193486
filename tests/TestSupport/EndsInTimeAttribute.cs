using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using Xunit.v3;

namespace ImagePipeline.TestSupport;

/// <summary>
/// Ends the whole run, with the test's name, when a test has not ended after ten minutes: one that waits for ever would otherwise hold up
/// the run until somebody kills it, and nobody would learn which it was. On an assembly it holds for all of its tests:
/// <code>[assembly: EndsInTime]</code>
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class EndsInTimeAttribute : BeforeAfterTestAttribute
{
    // The longest takes some three, on a busy machine.
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    readonly ConcurrentDictionary<string, ITimer> _running = new();

    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest, IXunitTest test) =>
        _running[test.UniqueID] = TimeProvider.System.CreateTimer(_ => Give(test.TestDisplayName), null, Limit, Timeout.InfiniteTimeSpan);

    /// <inheritdoc/>
    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (_running.TryRemove(test.UniqueID, out var timer))
            timer.Dispose();
    }

    static void Give(string test)
    {
        Console.Error.WriteLine($"{test} has not ended after {Limit.TotalMinutes:0} minutes, and the run is ended.");
        Process.GetCurrentProcess().Kill();
    }
}
