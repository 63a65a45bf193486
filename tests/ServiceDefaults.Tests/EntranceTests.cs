using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.ServiceDefaults.Tests;

public sealed class EntranceTests : IDisposable
{
    const string Store = Gates.Store;
    const string Other = "feed:other";

    static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    readonly Gates _gates;
    readonly GatedEndpoint _endpoint = new(new Uri("loopback://localhost/jobs"));

    public EntranceTests()
    {
        _gates = new Gates(Options.Create(new GateOptions()), _time, () => 0.5, metrics: null, NullLogger<Gates>.Instance);
        _endpoint.Add([_gates.Of(Store)]);
    }

    public void Dispose() => _gates.Dispose();

    [Fact]
    public void An_open_gate_lets_every_message_in()
    {
        Assert.True(EnterAsync(Message()).IsCompletedSuccessfully);
        Assert.Equal(0, _endpoint.Held);
    }

    [Fact]
    public async Task A_message_is_held_until_the_gate_opens()
    {
        _gates.Close(Store, Pause, "Full.");

        var entering = EnterAsync(Message());
        Assert.False(entering.IsCompleted);
        Assert.Equal((1, _time.GetUtcNow()), (_endpoint.Held, _endpoint.OldestReceived));
        _gates.Of(Store).OpenAsTold();

        await entering;
        Assert.Equal(0, _endpoint.Held);
    }

    [Fact]
    public async Task A_message_that_was_let_in_as_the_probe_is_the_probe_inside()
    {
        _gates.Close(Store, Pause, "Full.");
        var message = Message();
        var entering = EnterAsync(message);
        _time.Advance(Pause);
        await entering;

        using (var pass = await InsideAsync(message))
        {
            Assert.True(pass.IsProbe);
            pass.Succeeded();
        }

        Assert.Empty(_gates.Closed);
    }

    [Fact]
    public async Task A_message_keeps_its_role_from_one_try_to_the_next()
    {
        _gates.Close(Store, Pause, "Full.");
        _time.Advance(Pause);
        var message = Message();
        await EnterAsync(message);
        var other = EnterAsync(Message());

        (await InsideAsync(message)).Dispose();

        Assert.False(other.IsCompleted);
        Assert.True((await InsideAsync(message)).IsProbe);
    }

    [Fact]
    public async Task Who_waits_inside_is_the_probe_before_who_waits_at_the_entrance()
    {
        _gates.Close(Store, Pause, "Full.");
        var entering = EnterAsync(Message());
        var inside = InsideAsync(Message());

        _time.Advance(Pause);

        Assert.True((await inside).IsProbe);
        Assert.False(entering.IsCompleted);
    }

    [Fact]
    public async Task Who_waits_inside_takes_over_from_a_probe_that_is_on_its_way()
    {
        _gates.Close(Store, Pause, "Full.");
        _time.Advance(Pause);
        var onItsWay = Message();
        await EnterAsync(onItsWay);

        Assert.True((await InsideAsync(Message())).IsProbe);

        Assert.False(InsideAsync(onItsWay).IsCompleted);
    }

    [Fact]
    public async Task A_probe_that_waits_at_another_gate_leaves_its_role_to_others()
    {
        _gates.Close(Store, Pause, "Full.");
        _gates.Close(Other, 10 * Pause, "Enough.");
        _time.Advance(Pause);
        var message = Message();
        await EnterAsync(message);
        var next = EnterAsync(Message());

        var waiting = InsideAsync(message, Other);

        await next;
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task A_probe_that_ends_without_a_verdict_hands_its_role_on()
    {
        _gates.Close(Store, Pause, "Full.");
        _time.Advance(Pause);
        var message = Message();
        await EnterAsync(message);
        var next = EnterAsync(Message());

        message.End();

        await next;
    }

    [Fact]
    public async Task A_message_is_held_by_each_of_its_gates()
    {
        _endpoint.Add([_gates.Of(Other)]);
        _gates.Close(Store, Pause, "Full.");
        _gates.Close(Other, 2 * Pause, "Enough.");
        var entering = EnterAsync(Message());

        _gates.Of(Store).OpenAsTold();
        Assert.False(entering.IsCompleted);
        _gates.Of(Other).OpenAsTold();

        await entering;
    }

    [Fact]
    public async Task What_waits_is_given_back_wherever_it_waits()
    {
        _gates.Close(Store, Pause, "Full.");
        var (first, second, third) = (Message(), Message(), Message());
        var entering = EnterAsync(first);
        var inside = InsideAsync(second);

        _endpoint.GiveBack();

        await Assert.ThrowsAsync<GivenBackException>(() => entering);
        await Assert.ThrowsAsync<GivenBackException>(() => inside);
        await Assert.ThrowsAsync<GivenBackException>(() => EnterAsync(third));
        Assert.All([first, second, third], message => Assert.True(message.IsGivenBack));
        Assert.Equal(0, _endpoint.Held);

        _endpoint.TakeAgain();
        Assert.False(EnterAsync(Message()).IsCompleted);
    }

    [Fact]
    public async Task Who_was_given_back_is_not_made_the_probe()
    {
        _gates.Close(Store, Pause, "Full.");
        var entering = EnterAsync(Message());
        _endpoint.GiveBack();
        await Assert.ThrowsAsync<GivenBackException>(() => entering);

        _time.Advance(Pause);

        Assert.True((await _gates.WaitAsync(Store, default)).IsProbe);
    }

    [Fact]
    public async Task However_messages_come_and_go_at_two_gates_all_get_through_and_one_at_a_time_is_the_probe()
    {
        const int Seed = 20261123;
        var random = new Random(Seed);
        _endpoint.Add([_gates.Of(Other)]);
        _gates.Close(Store, null, "Full.");
        _gates.Close(Other, null, "Enough.");
        var (atStore, atOther, most) = (0, 0, 0);
        var jobs = Enumerable.Range(0, 200).Select(_ => (Refuses: random.Next(4), Skips: random.Next(3) == 0)).Select(async plan =>
        {
            await Task.Yield();
            var message = Message();
            await _endpoint.PassAsync(message);
            GatedMessage.Current = message;
            await TryAsync(Other, plan.Refuses % 2, () => Interlocked.Increment(ref atOther), () => Interlocked.Decrement(ref atOther));
            if (!plan.Skips)
                await TryAsync(Store, plan.Refuses / 2, () => Interlocked.Increment(ref atStore), () => Interlocked.Decrement(ref atStore));
            message.End();
        });
        var all = Task.WhenAll(jobs);

        var turning = Stopwatch.StartNew();
        while (!all.IsCompleted && turning.Elapsed < TimeSpan.FromMinutes(2))
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        Assert.True(all.IsCompletedSuccessfully, $"Not all got through with seed {Seed}.");
        Assert.Equal(1, most);

        async Task TryAsync(string gate, int refusals, Func<int> begin, Func<int> end)
        {
            while (true)
            {
                using var pass = await _gates.WaitAsync(gate, default);
                if (!pass.IsProbe)
                {
                    if (pass.IsValid)
                        return;
                    continue;
                }
                most = Math.Max(most, begin());
                await Task.Yield();
                end();
                if (refusals-- <= 0)
                {
                    pass.Succeeded();
                    return;
                }
                pass.Refused(null, "Still.");
            }
        }
    }

    GatedMessage Message() => new(_endpoint, _time.GetUtcNow(), CancellationToken.None);

    Task EnterAsync(GatedMessage message) => _endpoint.PassAsync(message).AsTask();

    async Task<GatePass> InsideAsync(GatedMessage message, string gate = Store)
    {
        GatedMessage.Current = message;
        return await _gates.WaitAsync(gate, message.Cancellation);
    }
}
