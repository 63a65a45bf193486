using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.ServiceDefaults.Tests;

public sealed class GatesTests : IDisposable
{
    readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    readonly Gates _gates;
    double _random = 0.5;

    public GatesTests() =>
        _gates = new Gates(Options.Create(new GateOptions()), _time, () => _random, metrics: null, NullLogger<Gates>.Instance);

    public void Dispose() => _gates.Dispose();

    [Fact]
    public void An_open_gate_holds_nobody()
    {
        Assert.True(WaitAsync().IsCompletedSuccessfully);
        Assert.Empty(_gates.Closed);
    }

    [Fact]
    public async Task A_closed_gate_holds_until_its_time_is_over()
    {
        _gates.Close("a", Seconds(30), "Enough.");
        var waiting = WaitAsync();

        _time.Advance(Seconds(29.9));
        Assert.False(waiting.IsCompleted);
        _time.Advance(Seconds(0.1));

        Assert.True((await waiting).IsValid);
    }

    [Fact]
    public void A_closed_gate_holds_nobody_at_another()
    {
        _gates.Close("b", Seconds(30), "Enough.");

        Assert.True(WaitAsync().IsCompletedSuccessfully);
    }

    [Fact]
    public void What_is_closed_is_shown()
    {
        _gates.Close("b", Seconds(30), "Enough.");
        _gates.Close("a", Seconds(10), "No.");

        Assert.Equal(
            [new("a", Now, Now + Seconds(10), "No."), new("b", Now, Now + Seconds(30), "Enough.")],
            _gates.Closed);
    }

    [Fact]
    public async Task One_passes_as_the_probe_and_the_others_hold()
    {
        _gates.Close("a", Seconds(1), "Enough.");
        var waiting = WaitAsync(5);

        _time.Advance(Seconds(1));
        _time.Advance(TimeSpan.FromHours(1));

        await waiting[0];
        Assert.All(waiting[1..], other => Assert.False(other.IsCompleted));
        Assert.False(WaitAsync().IsCompleted);
    }

    [Fact]
    public async Task The_probes_success_opens_the_gate_for_all()
    {
        _gates.Close("a", Seconds(1), "Enough.");
        var waiting = WaitAsync(5);
        _time.Advance(Seconds(1));

        (await waiting[0]).Succeeded();

        await Task.WhenAll(waiting);
        Assert.Empty(_gates.Closed);
    }

    [Fact]
    public async Task A_refused_probe_closes_the_gate_for_longer_each_time()
    {
        var waits = new List<double>();
        _gates.Close("a", null, "Enough.");
        for (var i = 0; i < 11; i++)
        {
            var closed = Assert.Single(_gates.Closed);
            waits.Add((closed.Until - Now).TotalSeconds);
            Assert.Equal(DateTimeOffset.UnixEpoch, closed.Since);
            var probe = WaitAsync();
            _time.SetUtcNow(closed.Until);
            (await probe).Refused(null, "Still.");
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300], waits);
    }

    [Theory]
    [InlineData(0.0, new[] { 1, 1.5, 3 })]
    [InlineData(1.0, new[] { 1.25, 2.5, 5 })]
    public async Task Growing_waits_are_jittered(double random, double[] expected)
    {
        _random = random;
        _gates.Close("a", null, "Enough.");

        foreach (var seconds in expected)
        {
            Assert.Equal(Seconds(seconds), Assert.Single(_gates.Closed).Until - Now);
            _time.Advance(Seconds(seconds));
            (await WaitAsync()).Refused(null, "Still.");
        }
    }

    [Fact]
    public async Task Growing_begins_anew_after_the_gate_was_open()
    {
        _gates.Close("a", null, "Enough.");
        _time.Advance(Seconds(1));
        (await WaitAsync()).Refused(null, "Still.");
        _time.Advance(Seconds(2));
        (await WaitAsync()).Succeeded();

        _gates.Close("a", null, "Enough.");

        Assert.Equal(Seconds(1), Assert.Single(_gates.Closed).Until - Now);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void A_pause_that_is_past_counts_as_none(int seconds)
    {
        _gates.Close("a", Seconds(seconds), "Enough.");

        Assert.Equal(Seconds(1), Assert.Single(_gates.Closed).Until - Now);
    }

    [Fact]
    public async Task Of_many_refused_at_once_only_the_first_closes_the_gate()
    {
        var passes = await Task.WhenAll(WaitAsync(256));

        foreach (var pass in passes)
            pass.Refused(null, "Enough.");

        Assert.Equal(Seconds(1), Assert.Single(_gates.Closed).Until - Now);
    }

    [Fact]
    public async Task A_later_refusal_may_ask_for_a_later_end()
    {
        var passes = await Task.WhenAll(WaitAsync(2));
        passes[0].Refused(null, "Enough.");
        var waiting = WaitAsync();

        passes[1].Refused(Seconds(60), "Come in a minute.");

        _time.Advance(Seconds(59));
        Assert.False(waiting.IsCompleted);
        _time.Advance(Seconds(1));
        await waiting;
    }

    [Fact]
    public async Task A_success_from_before_the_gate_closed_does_not_open_it()
    {
        var before = await WaitAsync();
        _gates.Close("a", Seconds(10), "Enough.");

        before.Succeeded();

        Assert.False(before.IsValid);
        Assert.Single(_gates.Closed);
    }

    [Fact]
    public async Task A_probe_that_ends_without_a_verdict_hands_its_role_on()
    {
        _gates.Close("a", Seconds(1), "Enough.");
        var waiting = WaitAsync(3);
        _time.Advance(Seconds(1));

        (await waiting[0]).Dispose();

        Assert.True((await waiting[1]).IsValid);
        Assert.False(waiting[2].IsCompleted);
    }

    [Fact]
    public async Task A_probe_that_ends_while_nobody_waits_leaves_its_role_to_the_next()
    {
        _gates.Close("a", Seconds(1), "Enough.");
        _time.Advance(Seconds(1));
        (await WaitAsync()).Dispose();

        (await WaitAsync()).Succeeded();

        Assert.Empty(_gates.Closed);
    }

    [Fact]
    public async Task A_refusal_that_asks_for_more_while_the_probe_is_out_counts_when_the_probe_hands_on()
    {
        var straggler = await WaitAsync();
        _gates.Close("a", Seconds(1), "Enough.");
        var waiting = WaitAsync(2);
        _time.Advance(Seconds(1));
        var probe = await waiting[0];
        straggler.Refused(Seconds(60), "Come in a minute.");

        probe.Dispose();

        Assert.False(waiting[1].IsCompleted);
        _time.Advance(Seconds(60));
        await waiting[1];
    }

    [Fact]
    public async Task Who_stops_waiting_is_not_made_the_probe()
    {
        using var stop = new CancellationTokenSource();
        _gates.Close("a", Seconds(1), "Enough.");
        var leaving = _gates.WaitAsync("a", stop.Token).AsTask();
        var staying = WaitAsync();

        await stop.CancelAsync();
        _time.Advance(Seconds(1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Assert.True((await staying).IsValid);
    }

    [Fact]
    public async Task However_waiters_come_and_go_the_gate_ends_open()
    {
        const int Seed = 20260908;
        var random = new Random(Seed);
        _gates.Close("a", null, "Enough.");
        var passed = 0;
        var workers = Enumerable.Range(0, 300).Select(_ => (Leaves: random.NextDouble() < 0.5, Verdict: random.Next(3))).Select(async plan =>
        {
            while (true)
            {
                using var stop = new CancellationTokenSource();
                var waiting = _gates.WaitAsync("a", stop.Token).AsTask();
                if (plan.Leaves)
                    await Task.WhenAll(Task.Run(() => stop.Cancel()), Task.Run(() => _time.Advance(Seconds(5))));
                try
                {
                    using var pass = await waiting;
                    Action end = plan.Verdict switch { 0 => pass.Succeeded, 1 => () => pass.Refused(null, "Still."), _ => () => { } };
                    end();
                    if (plan.Verdict == 0 || !plan.Leaves)
                        return Interlocked.Increment(ref passed);
                }
                catch (OperationCanceledException)
                {
                }
                plan.Verdict = 0;
                plan.Leaves = false;
            }
        }).ToList();
        var all = Task.WhenAll(workers);

        while (!all.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMinutes(5));
            await Task.Yield();
        }

        Assert.True(passed == 300, $"{passed} of 300 passed with seed {Seed}");
    }

    DateTimeOffset Now => _time.GetUtcNow();

    static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    Task<GatePass> WaitAsync() => _gates.WaitAsync("a", CancellationToken.None).AsTask();

    Task<GatePass>[] WaitAsync(int times) => [.. Enumerable.Range(0, times).Select(_ => WaitAsync())];
}
