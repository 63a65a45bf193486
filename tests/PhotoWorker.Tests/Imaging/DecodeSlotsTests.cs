using ImagePipeline.PhotoWorker.Imaging;

namespace ImagePipeline.PhotoWorker.Tests.Imaging;

public sealed class DecodeSlotsTests
{
    [Fact]
    public async Task An_urgent_waiter_goes_before_all_others()
    {
        var slots = new DecodeSlots(1);
        using var hold = new ManualResetEventSlim();
        var order = new List<string>();
        var holder = Held(slots, hold);

        Task[] waiters = [Noted(false, "first"), Noted(false, "second"), Noted(true, "urgent"), Noted(true, "urgent too")];
        Assert.Equal(4, slots.Waiting);
        hold.Set();
        await Task.WhenAll([holder, .. waiters]);

        Assert.Equal(["urgent", "urgent too", "first", "second"], order);

        Task Noted(bool urgent, string name) => slots.RunAsync(urgent, false, () => { order.Add(name); return 0; }, CancellationToken.None);
    }

    [Fact]
    public async Task What_is_decoded_whole_waits_for_its_own_slot_and_holds_up_no_other()
    {
        var slots = new DecodeSlots(2, wholeCount: 1);
        using var hold = new ManualResetEventSlim();
        var first = slots.RunAsync(false, true, () => { hold.Wait(); return 1; }, CancellationToken.None);
        var second = slots.RunAsync(false, true, () => 2, CancellationToken.None);
        var third = slots.RunAsync(true, true, () => 3, CancellationToken.None);

        Assert.Equal(4, await slots.RunAsync(false, false, () => 4, CancellationToken.None));
        Assert.Equal((false, false), (second.IsCompleted, third.IsCompleted));

        hold.Set();
        var all = await Task.WhenAll(first, second, third);
        Assert.Equal([1, 2, 3], all);
    }

    [Fact]
    public async Task Headers_are_read_while_all_decode_slots_are_taken()
    {
        var slots = new DecodeSlots(1);
        using var hold = new ManualResetEventSlim();
        var holder = Held(slots, hold);

        Assert.Equal(1, await slots.LookAsync(false, () => 1, CancellationToken.None));

        hold.Set();
        await holder;
    }

    [Fact]
    public async Task Never_more_than_the_slots_run_at_once()
    {
        var slots = new DecodeSlots(3);
        int running = 0, most = 0;
        var gate = new Lock();

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => slots.RunAsync(i % 7 == 0, false, () =>
        {
            lock (gate)
                most = Math.Max(most, ++running);
            Thread.SpinWait(2000);
            lock (gate)
                running--;
            return 0;
        }, CancellationToken.None)));

        Assert.InRange(most, 1, 3);
        Assert.Equal(0, slots.Waiting);
    }

    [Fact]
    public async Task A_cancelled_waiter_leaves_the_line_and_the_next_one_runs()
    {
        var slots = new DecodeSlots(1);
        using var hold = new ManualResetEventSlim();
        using var cancelled = new CancellationTokenSource();
        var holder = Held(slots, hold);
        var given = slots.RunAsync(urgent: true, whole: false, () => 1, cancelled.Token);
        var next = slots.RunAsync(urgent: false, whole: false, () => 2, CancellationToken.None);

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.Equal(1, slots.Waiting);
        hold.Set();

        Assert.Equal(2, await next);
        await holder;
    }

    [Fact]
    public async Task Work_that_throws_gives_its_slot_back()
    {
        var slots = new DecodeSlots(1);

        await Assert.ThrowsAsync<FormatException>(() => slots.RunAsync<int>(false, false, () => throw new FormatException(), CancellationToken.None));

        Assert.Equal(5, await slots.RunAsync(false, false, () => 5, CancellationToken.None));
    }

    /// <summary>Takes a slot before it returns, and keeps it until the event is set.</summary>
    static Task<int> Held(DecodeSlots slots, ManualResetEventSlim until) =>
        slots.RunAsync(false, false, () => { until.Wait(); return 0; }, CancellationToken.None);
}
