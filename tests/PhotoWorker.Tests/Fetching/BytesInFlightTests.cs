using ImagePipeline.PhotoWorker.Fetching;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

public sealed class BytesInFlightTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Who_finds_no_room_waits_until_some_is_given_back()
    {
        var bytes = new BytesInFlight(100);
        var first = await WholeAsync(bytes, "a", 100);
        using var second = await WholeAsync(bytes, "a", 40); // The one that may go over.
        using var third = bytes.Begin("a", urgent: false);
        var waiting = third.GrowAsync(1, CancellationToken.None);
        Assert.False(waiting.IsCompleted);

        first.Dispose();

        await waiting;
        Assert.Equal(41, bytes.InUse);
    }

    [Fact]
    public async Task One_photo_larger_than_all_that_is_allowed_gets_through()
    {
        var bytes = new BytesInFlight(100);
        using var large = bytes.Begin("a", urgent: false);

        for (var i = 0; i < 10; i++)
            await large.GrowAsync(50, CancellationToken.None);

        Assert.Equal(500, bytes.InUse);
    }

    [Fact]
    public async Task Only_one_at_a_time_goes_over_the_bound()
    {
        var bytes = new BytesInFlight(100);
        using var first = bytes.Begin("a", urgent: false);
        using var second = bytes.Begin("b", urgent: false);
        await first.GrowAsync(50, CancellationToken.None);
        await second.GrowAsync(30, CancellationToken.None);
        await first.GrowAsync(50, CancellationToken.None);

        var waiting = second.GrowAsync(1, CancellationToken.None);
        await first.GrowAsync(1_000, CancellationToken.None);
        Assert.False(waiting.IsCompleted);

        first.Dispose();
        await waiting;
    }

    [Fact]
    public async Task Urgent_photos_come_before_all_others_and_those_in_their_order()
    {
        var bytes = new BytesInFlight(100);
        var holding = await WholeAsync(bytes, "a", 100);
        var over = await WholeAsync(bytes, "a", 100);
        HeldBytes[] held = [bytes.Begin("a", false), bytes.Begin("b", false), bytes.Begin("urgent", true)];
        var waiting = held.Select(h => h.GrowAsync(100, CancellationToken.None)).ToArray();

        // Each that is given back lets one through: the one that may go over.
        holding.Dispose();
        await waiting[2];
        Assert.Equal((false, false), (waiting[0].IsCompleted, waiting[1].IsCompleted));

        over.Dispose();
        held[2].End(100);
        await waiting[0];
        Assert.False(waiting[1].IsCompleted);

        held[2].Dispose();
        held[0].End(100);
        await waiting[1];
    }

    [Fact]
    public async Task A_lane_of_slow_bodies_leaves_half_to_the_others()
    {
        var bytes = new BytesInFlight(100);
        var slow = Enumerable.Range(0, 20).Select(_ => bytes.Begin("slow", urgent: false)).ToList();
        var taken = slow.Select(h => h.GrowAsync(10, CancellationToken.None)).ToList();
        Assert.Equal(5, taken.Count(t => t.IsCompleted));

        for (var i = 0; i < 20; i++)
            (await WholeAsync(bytes, "quick", 40)).Dispose();

        Assert.Equal(50, bytes.InUse);
    }

    [Fact]
    public async Task Bodies_that_wait_for_their_lanes_share_hold_up_only_GETs_of_their_own_feed()
    {
        var bytes = new BytesInFlight(100);
        var slow = Enumerable.Range(0, 20).Select(_ => bytes.Begin("slow", urgent: false)).ToList();
        var taken = slow.Select(h => h.GrowAsync(10, CancellationToken.None)).ToList();
        var own = bytes.WaitToAskAsync("slow", CancellationToken.None);

        await bytes.WaitToAskAsync("quick", CancellationToken.None);
        Assert.False(own.IsCompleted);

        // Room that is scarce for all holds up all, until there is some again.
        var whole = await WholeAsync(bytes, "quick", 60);
        using var next = bytes.Begin("quick", urgent: false);
        var room = next.GrowAsync(10, CancellationToken.None);
        var other = bytes.WaitToAskAsync("other", CancellationToken.None);
        Assert.False(room.IsCompleted || other.IsCompleted);
        whole.Dispose();
        await room;
        await other;

        foreach (var held in slow)
            held.Dispose();
        await Task.WhenAll(taken.Append(own));
    }

    [Fact]
    public async Task A_body_that_is_whole_does_not_count_for_its_lane()
    {
        var bytes = new BytesInFlight(100);
        using var first = await WholeAsync(bytes, "a", 45);
        using var second = await WholeAsync(bytes, "a", 45);

        Assert.Equal(90, bytes.InUse);
    }

    [Fact]
    public async Task What_was_made_of_a_photo_counts_in_its_place_and_never_waits()
    {
        var bytes = new BytesInFlight(100);
        using var photo = await WholeAsync(bytes, "a", 90);

        photo.Become(130);

        Assert.Equal(130, bytes.InUse);
        photo.Become(20);
        Assert.Equal(20, bytes.InUse);
    }

    [Fact]
    public async Task No_more_renditions_are_made_while_many_wait_to_be_stored()
    {
        var bytes = new BytesInFlight(100);
        var photo = await WholeAsync(bytes, "a", 10);
        await bytes.WaitToMakeAsync(CancellationToken.None);
        photo.Become(60);

        var waiting = bytes.WaitToMakeAsync(CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        photo.Dispose();

        await waiting;
    }

    [Fact]
    public async Task One_that_gives_up_is_out_of_the_line_and_holds_what_it_had()
    {
        var bytes = new BytesInFlight(100);
        using var first = await WholeAsync(bytes, "a", 100);
        using var over = await WholeAsync(bytes, "a", 10);
        using var impatience = new CancellationTokenSource();
        var impatient = bytes.Begin("a", urgent: false);
        var waiting = impatient.GrowAsync(10, impatience.Token);

        await impatience.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => waiting);

        Assert.Equal(0, bytes.Waiting);
        impatient.Dispose();
        impatient.Dispose();
        Assert.Equal(110, bytes.InUse);
    }

    [Fact]
    public async Task Before_a_GET_everybody_waits_while_somebody_waits_for_room()
    {
        var bytes = new BytesInFlight(100);
        await bytes.WaitToAskAsync("b", CancellationToken.None);
        var all = await WholeAsync(bytes, "a", 100);
        var over = await WholeAsync(bytes, "a", 100);
        using var next = bytes.Begin("a", urgent: false);
        var waiting = next.GrowAsync(10, CancellationToken.None);
        var door = bytes.WaitToAskAsync("b", CancellationToken.None);
        Assert.False(door.IsCompleted);

        all.Dispose();
        over.Dispose();

        await waiting;
        await door;
    }

    [Fact]
    public async Task Whatever_comes_in_whatever_pieces_every_photo_ends_and_the_bound_holds()
    {
        const int most = 1_000, largest = 700;
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var bytes = new BytesInFlight(most);
        var highest = 0L;

        await Task.WhenAll(Enumerable.Range(0, 400).Select(n => Task.Run(async () =>
        {
            var random = new Random(seed + n);
            using var held = bytes.Begin($"lane{n % 5}", urgent: n % 37 == 0);
            for (var left = random.Next(1, largest); left > 0;)
            {
                var piece = Math.Min(left, random.Next(1, 60));
                await held.GrowAsync(piece, CancellationToken.None);
                InterlockedMax(ref highest, bytes.InUse);
                left -= piece;
                if (random.Next(3) == 0)
                    await Task.Yield();
            }
            held.End(held.Bytes);
            await Task.Yield();
        }))).WaitAsync(TimeSpan.FromMinutes(5));

        output.WriteLine($"highest {highest}");
        Assert.Equal((0, 0), (bytes.InUse, bytes.Waiting));
        Assert.InRange(highest, most / 2, most + largest);
    }

    static async Task<HeldBytes> WholeAsync(BytesInFlight bytes, string lane, int size)
    {
        var held = bytes.Begin(lane, urgent: false);
        await held.GrowAsync(size, CancellationToken.None);
        held.End(size);
        return held;
    }

    static void InterlockedMax(ref long highest, long value)
    {
        for (var seen = Interlocked.Read(ref highest); value > seen;)
        {
            var found = Interlocked.CompareExchange(ref highest, value, seen);
            if (found == seen)
                return;
            seen = found;
        }
    }
}
