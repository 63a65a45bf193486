using ImagePipeline.PhotoWorker.Fetching;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

public sealed class DownloadSlotsTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(512, 256)]
    [InlineData(7, 4)]
    [InlineData(2, 1)]
    [InlineData(1, 1)]
    public void A_lane_alone_takes_half_of_the_slots_and_always_one(int count, int half)
    {
        var slots = new DownloadSlots(count);

        Take(slots, "slow", count + 1);

        Assert.Equal(half, slots.InUse("slow"));
    }

    [Fact]
    public void Each_further_lane_takes_half_of_what_is_left_and_never_nothing()
    {
        var slots = new DownloadSlots(16);

        foreach (var lane in (string[])["a", "b", "c", "d", "e", "f"])
            Take(slots, lane, 16);

        Assert.Equal([8, 4, 2, 1, 1, 1], ((string[])["a", "b", "c", "d", "e", "f"]).Select(slots.InUse));
    }

    [Fact]
    public async Task Lanes_that_come_late_get_the_same_share_in_the_end()
    {
        var slots = new DownloadSlots(300);
        var taken = new Dictionary<string, Queue<Task<IDisposable>>>
        {
            ["early"] = new(Take(slots, "early", 1_000)),
            ["late"] = new(Take(slots, "late", 1_000)),
        };
        Assert.Equal((150, 75), (slots.InUse("early"), slots.InUse("late")));

        for (var round = 0; round < 400; round++)
        {
            foreach (var lane in taken.Values)
                (await lane.Dequeue()).Dispose();
        }

        Assert.InRange(slots.InUse("early"), 99, 101);
        Assert.InRange(slots.InUse("late"), 99, 101);
    }

    [Fact]
    public async Task Within_a_lane_the_first_come_is_the_first_served()
    {
        var slots = new DownloadSlots(1);
        var waiting = Take(slots, "a", 3);

        (await waiting[0]).Dispose();
        var second = await waiting[1];
        Assert.False(waiting[2].IsCompleted);

        second.Dispose();
        (await waiting[2]).Dispose();
    }

    [Fact]
    public async Task One_that_gives_up_is_out_of_the_line_and_holds_nothing()
    {
        var slots = new DownloadSlots(1);
        var first = await slots.TakeAsync("a", CancellationToken.None);
        using var impatience = new CancellationTokenSource();
        var impatient = slots.TakeAsync("a", impatience.Token);
        var patient = slots.TakeAsync("a", CancellationToken.None);

        await impatience.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => impatient);
        first.Dispose();
        (await patient).Dispose();

        Assert.Equal(0, slots.InUse("a"));
    }

    [Fact]
    public async Task A_slot_given_back_twice_counts_once()
    {
        var slots = new DownloadSlots(4);
        var slot = await slots.TakeAsync("a", CancellationToken.None);
        using var other = await slots.TakeAsync("a", CancellationToken.None);

        slot.Dispose();
        slot.Dispose();

        Assert.Equal(1, slots.InUse("a"));
    }

    [Fact]
    public async Task Whatever_comes_and_goes_every_request_is_served_and_nothing_stays_taken()
    {
        const int count = 20;
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var slots = new DownloadSlots(count);
        var taken = new List<(string Lane, Task<IDisposable> Slot)>();

        for (var step = 0; step < 20_000; step++)
        {
            var held = taken.Where(t => t.Slot.IsCompleted).ToList();
            if (held.Count > 0 && random.Next(2) == 0)
            {
                var one = held[random.Next(held.Count)];
                taken.Remove(one);
                (await one.Slot).Dispose();
            }
            else if (taken.Count < 200)
            {
                var lane = $"lane{random.Next(8)}";
                taken.Add((lane, slots.TakeAsync(lane, CancellationToken.None)));
            }
            Assert.InRange(Lanes().Sum(slots.InUse), 0, count + Lanes().Count() - 1);
            // Nobody who waits has nothing.
            Assert.All(taken.Where(t => !t.Slot.IsCompleted), t => Assert.True(slots.InUse(t.Lane) > 0));
        }
        while (taken.Count > 0)
        {
            var slot = await Task.WhenAny(taken.Select(t => t.Slot));
            taken.RemoveAll(t => t.Slot == slot);
            (await slot).Dispose();
        }

        Assert.All(Lanes(), lane => Assert.Equal(0, slots.InUse(lane)));

        static IEnumerable<string> Lanes() => Enumerable.Range(0, 8).Select(n => $"lane{n}");
    }

    static List<Task<IDisposable>> Take(DownloadSlots slots, string lane, int times) =>
        [.. Enumerable.Range(0, times).Select(_ => slots.TakeAsync(lane, CancellationToken.None))];
}
