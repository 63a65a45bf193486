using System.Diagnostics;
using System.Globalization;

namespace ImagePipeline.TestSupport.Pictures;

/// <summary>
/// Renders mutated files one after the other, on two threads, in this process, which is to be one of its own: a crash ends it, and so does a case that takes too
/// long. What it says on its output ends with a line of numbers.
/// </summary>
public static class MutationRun
{
    const int Threads = 2;

    /// <summary>How long one case may take, on a machine that does much else.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(20);

    /// <summary>Runs the cases.</summary>
    /// <param name="seed">What all chance starts from.</param>
    /// <param name="first">The number of the first case.</param>
    /// <param name="count">How many cases.</param>
    /// <param name="render">True when the file was rendered, false when it was rejected; all it throws is a failure.</param>
    /// <param name="say">Hears of progress, failures, and the numbers.</param>
    /// <returns>Whether all was well: no failure, and memory flat after the warm-up of a fifth of the cases.</returns>
    public static bool Run(int seed, int first, int count, Func<byte[], bool> render, Action<string> say)
    {
        var under = new (long Since, int Number)[Threads];
        using var watch = new Timer(_ => Watch(under), null, Limit / 4, Limit / 4);
        int next = first - 1, shown = 0, rejected = 0, failed = 0;
        var (slowest, warm) = (0L, 0L);
        var gate = new Lock();

        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
        {
            while (Interlocked.Increment(ref next) is var number && number < first + count)
            {
                var file = Mutator.File(seed, number);
                var began = Stopwatch.GetTimestamp();
                under[thread] = (began, number);
                try
                {
                    Interlocked.Increment(ref render(file) ? ref shown : ref rejected);
                }
                catch (Exception e)
                {
                    Interlocked.Increment(ref failed);
                    say($"case {number} of seed {seed}: {e.GetType().Name}: {e.Message}");
                }
                under[thread] = default;
                lock (gate)
                    slowest = Math.Max(slowest, Stopwatch.GetElapsedTime(began).Ticks);
                if (number == first + count / 5)
                    warm = Resident();
                if ((number - first) % 1_000 == 999)
                    say($"{number - first + 1} cases, {Resident() >> 20} MiB");
            }
        });

        var end = Resident();
        say(string.Create(CultureInfo.InvariantCulture,
            $"seed {seed}: {count} cases, {shown} rendered, {rejected} rejected, {failed} failed; slowest {TimeSpan.FromTicks(slowest).TotalSeconds:f2} s; {warm >> 20} MiB after warm-up, {end >> 20} MiB at the end"));
        return failed == 0 && end < warm + Math.Max(warm / 5, 32 << 20);
    }

    static void Watch((long Since, int Number)[] under)
    {
        foreach (var (since, number) in under)
        {
            if (since != 0 && Stopwatch.GetElapsedTime(since) > Limit)
                Environment.FailFast($"Case {number} has taken longer than {Limit.TotalSeconds} s.");
        }
    }

    static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
