using System.Text;
using ImagePipeline.Storage.Failures;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Storage.Tests.Failures;

public sealed class FailedMessageTableOnSqliteTests(PostgresServer postgres) : FailedMessageTableTests(DatabaseKind.Sqlite, postgres);

public sealed class FailedMessageTableOnPostgreSqlTests(PostgresServer postgres) : FailedMessageTableTests(DatabaseKind.PostgreSql, postgres);

/// <summary>What is kept of messages that failed for good.</summary>
public abstract class FailedMessageTableTests(DatabaseKind kind, PostgresServer postgres) : IAsyncLifetime
{
    FailureTables _tables = null!;

    public async ValueTask InitializeAsync() => _tables = await FailureTables.CreateAsync(kind, postgres);

    public async ValueTask DisposeAsync()
    {
        await _tables.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_message_is_kept_with_all_that_is_known_of_it_and_all_of_its_bytes()
    {
        var taken = Some.Taken(reason: "https://photos.example.com/1.jpg answered 503.", stack: "   at ImagePipeline.PhotoWorker.PhotoProcess.RunAsync(PhotoRequested request) in /src/PhotoProcess.cs:line 7") with
        {
            Properties = Encoding.UTF8.GetBytes("""{"messageId":"x"}"""),
        };

        Assert.Equal(1, await _tables.AddAsync(taken));

        var found = await _tables.OneAsync();
        Assert.Equal((FailureState.Failed, FailureKind.Error, Some.Queue, "photo-requested-acme_error", false), (found.State, found.Kind, found.Queue, found.FoundIn, found.InProcess));
        Assert.Equal(("11110000-0000-0000-0000-000000000001", "PhotoRequested", "System.InvalidOperationException"), (found.MessageId, found.MessageType, found.ExceptionType));
        Assert.Equal(("https://photos.example.com/1.jpg answered 503.", "{url} answered 503.", "PhotoProcess.RunAsync"), (found.Reason, found.Pattern, found.Frame));
        Assert.Equal(("acme", "S1", "9f0c"), (found.Feed, found.ListingKey, found.PhotoId));
        Assert.Equal((found.Id, 1, null, null, Some.Then, Some.Then), (found.FirstId, found.Failures, found.FromReplay, found.Replay, found.FailedAt, found.TakenAt));
        Assert.Matches("^[0-9a-f]{16}$", found.Id);
        Assert.Matches("^[0-9a-f]{8}$", found.Group);
        var read = await _tables.Messages.ReadAsync(found.Id, default);
        Assert.Equal(taken.Body.ToArray(), read!.Body);
        Assert.Equal(taken.Properties.ToArray(), read.Properties);
        Assert.Equal(taken.StackTrace, read.StackTrace);
    }

    [Fact]
    public async Task Taken_twice_because_the_first_to_take_it_was_killed_it_is_kept_once()
    {
        await _tables.AddAsync(Some.Taken());

        Assert.Equal(0, await _tables.AddAsync(Some.Taken() with { IsFirstDelivery = false }));
        Assert.Equal(0, await _tables.AddAsync(Some.Taken(messageId: null) with { IsFirstDelivery = true, MessageId = "11110000-0000-0000-0000-000000000001", Body = Some.Taken().Body }));

        await _tables.OneAsync();
    }

    [Fact]
    public async Task A_message_without_an_id_that_fails_again_is_linked_to_the_failure_that_it_is_a_replay_of()
    {
        await _tables.AddAsync(Some.Taken(messageId: null));
        var first = await _tables.OneAsync();
        var replay = await _tables.ReplayAsync();

        await _tables.AddAsync(Some.Taken(messageId: null, occurrence: "2") with { ReplayOf = first.Id });

        var again = Assert.Single(await _tables.AllAsync(FailureState.Failed));
        Assert.Equal((first.Id, 2, replay.Number), (again.FirstId, again.Failures, again.FromReplay));
    }

    [Fact]
    public async Task Two_equal_messages_without_an_id_are_two_and_one_that_comes_again_is_not_a_third()
    {
        var taken = Some.Taken(messageId: null);

        Assert.Equal(2, await _tables.AddAsync(taken, taken));
        Assert.Equal(0, await _tables.AddAsync(taken with { IsFirstDelivery = false }));

        var all = await _tables.AllAsync();
        Assert.Equal([1, 1], all.Select(m => m.Failures));
        Assert.Equal(all.Select(m => m.Id).Order(), all.Select(m => m.FirstId).Order());
    }

    [Fact]
    public async Task A_message_that_was_replayed_and_fails_again_is_a_new_failure_that_names_the_first_and_the_replay()
    {
        await _tables.AddAsync(Some.Taken());
        var first = await _tables.OneAsync();
        var replay = await _tables.ReplayAsync();

        Assert.Equal(1, await _tables.AddAsync(Some.Taken(occurrence: "2")));

        var again = Assert.Single(await _tables.AllAsync(FailureState.Failed));
        Assert.Equal((first.Id, 2, replay.Number), (again.FirstId, again.Failures, again.FromReplay));
        Assert.Equal([1, 2], (await _tables.Messages.HistoryAsync(first.Id, default)).Select(m => m.Failures));
        Assert.Equal(1, (await _tables.Replays.FindAsync(replay.Number, default))!.CameBack);
    }

    [Fact]
    public async Task A_message_that_was_archived_and_fails_again_is_a_new_failure_that_names_the_first()
    {
        await _tables.AddAsync(Some.Taken());
        var first = await _tables.OneAsync();
        await _tables.Replays.ArchiveAsync(new(), FailureTables.Asked, default);

        Assert.Equal(1, await _tables.AddAsync(Some.Taken(occurrence: "2")));

        var again = Assert.Single(await _tables.AllAsync(FailureState.Failed));
        Assert.Equal((first.Id, 2, null), (again.FirstId, again.Failures, again.FromReplay));
    }

    [Fact]
    public async Task A_message_without_an_id_that_was_replayed_and_comes_again_is_a_new_failure_too()
    {
        var taken = Some.Taken(messageId: null) with { Kind = FailureKind.Skipped, FoundIn = "photo-requested-acme_skipped", Occurrence = null };
        await _tables.AddAsync(taken);
        await _tables.ReplayAsync();

        Assert.Equal(1, await _tables.AddAsync(taken));
        // Handed over twice, and nothing tells when it was skipped: rather two than none.
        await _tables.ReplayAsync();
        Assert.Equal(1, await _tables.AddAsync(taken with { IsFirstDelivery = false }));

        Assert.Equal([1, 2, 3], (await _tables.AllAsync()).Select(m => m.Failures).Order());
    }

    [Fact]
    public async Task Taken_twice_with_a_replay_in_between_the_very_same_failure_does_not_count_as_come_back()
    {
        await _tables.AddAsync(Some.Taken());
        var replay = await _tables.ReplayAsync();

        Assert.Equal(0, await _tables.AddAsync(Some.Taken() with { IsFirstDelivery = false }));

        Assert.Equal(0, (await _tables.Replays.FindAsync(replay.Number, default))!.CameBack);
    }

    [Fact]
    public async Task A_message_that_comes_back_before_its_replay_has_recorded_that_it_was_published_counts_as_come_back()
    {
        await _tables.AddAsync(Some.Taken());
        var replay = await _tables.BeginAsync();

        await _tables.AddAsync(Some.Taken(occurrence: "2"));

        Assert.Equal(1, (await _tables.Replays.FindAsync(replay.Number, default))!.CameBack);
    }

    [Fact]
    public async Task After_some_of_several_equal_ones_were_purged_another_is_still_kept()
    {
        var taken = Some.Taken(messageId: null);
        await _tables.AddAsync(taken, taken);
        var all = await _tables.AllAsync();
        await _tables.Replays.ArchiveAsync(new() { Ids = [all[0].Id] }, FailureTables.Asked, default);
        _tables.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, await _tables.Messages.PurgeAsync(_tables.Time.GetUtcNow() - TimeSpan.FromDays(1), default));

        Assert.Equal(2, await _tables.AddAsync(taken, taken));

        Assert.Equal(3, (await _tables.AllAsync()).Count);
    }

    [Fact]
    public async Task Many_who_keep_the_same_messages_at_once_keep_each_of_them_once()
    {
        var taken = Enumerable.Range(0, 150).Select(i => Some.Taken($"m{i}") with { IsFirstDelivery = false }).ToArray();

        var added = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => _tables.AddAsync(taken))));

        Assert.Equal(150, added.Sum());
        Assert.Equal(150, (await _tables.AllAsync()).Count);
    }

    [Fact]
    public async Task Many_who_each_take_an_equal_message_without_an_id_keep_all_of_them()
    {
        var added = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => _tables.AddAsync(Some.Taken(messageId: null)))));

        Assert.Equal(6, added.Sum());
        Assert.Equal(6, (await _tables.AllAsync()).Count);
    }

    [Fact]
    public async Task What_no_text_of_a_database_can_hold_does_not_keep_a_message_from_being_kept()
    {
        byte[] body = [0xff, 0xfe, 0x00, 0x80, 0x7b, 0xc3];
        var taken = Some.Taken(reason: "a\0b \ud83d", queue: "q\0ueue", exception: "Sys\0tem.Exception", stack: "   at ImagePipeline.A\0.B()") with { Body = body, MessageId = "i\0d" };
        var untranslatable = Some.Taken(feed: "a\\u0000b", listing: "\\ud800");

        Assert.Equal(2, await _tables.AddAsync(taken, untranslatable));

        var found = Assert.Single(await _tables.AllAsync(), m => m.MessageId == "id");
        Assert.Equal(("ab \ufffd", "queue", "System.Exception"), (found.Reason, found.Queue, found.ExceptionType));
        Assert.Equal(body, (await _tables.Messages.ReadAsync(found.Id, default))!.Body);
    }

    [Fact]
    public async Task A_very_long_reason_is_kept_whole()
    {
        // Dashes, because what looks for keys and numbers in them must not take for ever.
        var reason = new string('-', 300_000) + "x";

        await _tables.AddAsync(Some.Taken(reason: reason));

        Assert.Equal(reason, (await _tables.OneAsync()).Reason);
    }

    [Fact]
    public async Task Failures_of_twelve_kinds_are_twelve_groups_with_the_right_counts_the_largest_first()
    {
        var taken = Enumerable.Range(0, 12).SelectMany(k => Enumerable.Range(0, 10 + k).Select(i => Some.Taken(
            $"{k}-{i}", $"Rule {Letters(k)} is broken for listing {i} at https://a.example/{i}.", feed: $"feed{i % 3}", failedAt: Some.Then.AddSeconds(i)))).ToArray();

        Assert.Equal(taken.Length, await _tables.AddAsync(taken));

        var groups = await _tables.GroupsAsync();
        Assert.Equal(Enumerable.Range(0, 12).Select(k => 10L + k).Reverse(), groups.Select(g => g.Messages));
        var largest = groups[0];
        Assert.Equal((0, 0, Some.Then, Some.Then.AddSeconds(20), 3), (largest.Again, largest.Staged, largest.Since, largest.Latest, largest.Feeds));
        Assert.Equal("Rule L is broken for listing # at {url}", largest.Pattern);
        Assert.Contains(await _tables.AllAsync(), m => m.Id == largest.ExampleId && m.Group == largest.Id);

        static string Letters(int k) => $"{(char)('A' + k)}";
    }

    [Fact]
    public async Task Messages_are_found_by_id_group_feed_listing_queue_exception_and_time()
    {
        await _tables.AddAsync(
            Some.Taken("1", feed: "north", listing: "S1"),
            Some.Taken("2", feed: "north", listing: "S2", queue: "listing-notifier", failedAt: Some.Then.AddHours(1)),
            Some.Taken("3", feed: "south", listing: "S1", exception: "System.IO.IOException", reason: "100% full_disk", failedAt: Some.Then.AddHours(2)));
        var all = await _tables.AllAsync();
        string Of(string message) => all.Single(m => m.MessageId == message).Id;
        string Group(string message) => all.Single(m => m.MessageId == message).Group;

        Assert.Equal("1", await FoundAsync(new() { Ids = [Of("1")[..8]] }));
        Assert.Equal("2", await FoundAsync(new() { Ids = [Group("2")] }));
        Assert.Equal("1 3", await FoundAsync(new() { Ids = [Of("1"), Of("3").ToUpperInvariant()] }));
        Assert.Equal("1 2", await FoundAsync(new() { Feed = "north" }));
        Assert.Equal("1", await FoundAsync(new() { Feed = "north", ListingKey = "S1" }));
        Assert.Equal("2", await FoundAsync(new() { Queue = "listing-notifier" }));
        Assert.Equal("2", await FoundAsync(new() { Queue = "listing-notifier_error" }));
        Assert.Equal("3", await FoundAsync(new() { Exception = "ioexception" }));
        Assert.Equal("3", await FoundAsync(new() { Exception = "0% FULL_" }));
        Assert.Equal("", await FoundAsync(new() { Exception = "0%full" }));
        Assert.Equal("1", await FoundAsync(new() { Before = Some.Then.AddHours(1) }));
        Assert.Equal("2 3", await FoundAsync(new() { Since = Some.Then.AddHours(1) }));

        async Task<string> FoundAsync(FailureFilter filter) => string.Join(' ', (await _tables.Messages.FindAsync(filter, 10, default)).Select(m => m.MessageId).Order());
    }

    [Fact]
    public async Task Of_more_messages_than_asked_for_the_latest_are_shown()
    {
        await _tables.AddAsync([.. Enumerable.Range(0, 5).Select(i => Some.Taken($"{i}", failedAt: Some.Then.AddMinutes(i)))]);

        Assert.Equal(["4", "3"], (await _tables.Messages.FindAsync(new(), 2, default)).Select(m => m.MessageId));
    }

    [Fact]
    public async Task What_nobody_has_dealt_with_is_counted_with_its_largest_groups_and_the_time_of_the_oldest()
    {
        Assert.Equal((0, null), ((await _tables.Messages.UnresolvedAsync(1, default)).Messages, (await _tables.Messages.UnresolvedAsync(1, default)).Oldest));
        await _tables.AddAsync(Some.Taken("1", "a", failedAt: Some.Then.AddMinutes(-3)), Some.Taken("2", "b"), Some.Taken("3", "b"), Some.Taken("4", "archived", failedAt: Some.Then.AddDays(-9)));
        await _tables.Replays.ArchiveAsync(new() { Exception = "archived" }, FailureTables.Asked, default);

        var unresolved = await _tables.Messages.UnresolvedAsync(1, default);

        Assert.Equal((3, Some.Then.AddMinutes(-3)), (unresolved.Messages, unresolved.Oldest));
        var largest = Assert.Single(unresolved.Largest);
        Assert.Equal((2, Some.Queue, "System.InvalidOperationException"), (largest.Messages, largest.Queue, largest.ExceptionType));
    }

    [Fact]
    public async Task Purged_is_what_was_dealt_with_long_ago_unless_the_same_message_waits_once_more()
    {
        await _tables.AddAsync(Some.Taken("replayed"), Some.Taken("archived"), Some.Taken("came back"), Some.Taken("waits"));
        await _tables.ReplayAsync(new() { Ids = await IdsAsync("replayed", "came back") });
        await _tables.Replays.ArchiveAsync(new() { Ids = await IdsAsync("archived") }, FailureTables.Asked, default);
        await _tables.AddAsync(Some.Taken("came back", occurrence: "2"));
        var retention = TimeSpan.FromDays(30);

        _tables.Time.Advance(retention - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await _tables.Messages.PurgeAsync(_tables.Time.GetUtcNow() - retention, default));
        _tables.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, await _tables.Messages.PurgeAsync(_tables.Time.GetUtcNow() - retention, default));

        Assert.Equal(["came back", "came back", "waits"], (await _tables.AllAsync()).Select(m => m.MessageId).Order());
    }

    [Fact]
    public async Task The_next_run_takes_over_what_failed_in_one_process_of_its_feeds_before_it_began()
    {
        await _tables.AddAsync(
            Some.Taken("mine", feed: "mine") with { InProcess = true },
            Some.Taken("other", feed: "other") with { InProcess = true },
            Some.Taken(null, feed: "x") with { InProcess = true, Body = "not JSON"u8.ToArray(), MessageId = "of no feed" },
            Some.Taken("on a broker", feed: "mine"));
        _tables.Time.Advance(TimeSpan.FromSeconds(1));
        var start = _tables.Time.GetUtcNow();
        await _tables.AddAsync(Some.Taken("later", feed: "mine") with { InProcess = true });

        Assert.Equal(2, await _tables.Messages.LeaveToRunAsync(["mine"], start, default));
        Assert.Equal(["later", "on a broker", "other"], (await _tables.AllAsync(FailureState.Failed)).Select(m => m.MessageId).Order());
        Assert.Equal(1, await _tables.Messages.LeaveToRunAsync(null, start, default));
        Assert.Equal(0, await _tables.Messages.LeaveToRunAsync([], start, default));
    }

    async Task<IReadOnlyList<string>> IdsAsync(params string[] messages) => [.. (await _tables.AllAsync()).Where(m => messages.Contains(m.MessageId)).Select(m => m.Id)];
}
