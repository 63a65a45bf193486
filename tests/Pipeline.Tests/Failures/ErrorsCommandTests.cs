using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ImagePipeline.Cli.Errors;
using ImagePipeline.Storage.Failures;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;
using Spectre.Console.Rendering;

namespace ImagePipeline.Pipeline.Tests.Failures;

public sealed class ErrorsCommandTests(PostgresServer postgres, ITestOutputHelper output)
{
    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.PostgreSql)]
    public async Task Five_thousand_messages_of_twelve_kinds_are_twelve_groups_the_largest_first(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind, postgres);
        var table = Table(database);
        var counts = Enumerable.Range(1, 12).Select(n => n == 12 ? 5_000 - 11 * 12 / 2 * 50 : n * 50).ToList();
        var number = 0;
        var all = counts.SelectMany((count, k) => Enumerable.Range(0, count).Select(_ => SomeFailure.Photo(number++, exception: $"Example.Trouble{(char)('A' + k)}Exception"))).ToList();
        await table.AddAsync(all, CancellationToken.None);
        using var folder = new TempFolder();
        var elapsed = Stopwatch.StartNew();
        var groups = await table.GroupsAsync(new FailureFilter(), CancellationToken.None);
        output.WriteLine($"the groups took {elapsed.Elapsed.TotalSeconds:0.00} s");
        // A fraction of a second on a machine with nothing else to do.
        Assert.InRange(elapsed.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        elapsed.Restart();

        var listed = await On(folder, database).CommandAsync("errors", "list");
        output.WriteLine($"the command took {elapsed.Elapsed.TotalSeconds:0.0} s");
        output.WriteLine(listed.Out);

        Assert.Equal(0, listed.ExitCode);
        Assert.Equal("", listed.Error);
        Assert.Equal(counts.OrderDescending().Select(n => (long)n), groups.Select(g => g.Messages));
        Assert.EndsWith("12 groups, 5,000 failed messages\n", listed.Out, StringComparison.Ordinal);
        var lines = listed.Out.Split('\n');
        Assert.Equal(groups.Select(g => $"{g.Id}  {g.Messages:N0} messages"), lines.Where(l => l.Length > 8 && l[0] is not ' ' && l.Contains(" messages, since", StringComparison.Ordinal)).Select(l => l[..l.IndexOf(',', l.IndexOf("messages", StringComparison.Ordinal))]));
        AssertReadable(listed.Out);
    }

    [Fact]
    public async Task Where_nothing_failed_it_says_so_in_one_sentence()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        using var folder = new TempFolder();

        var listed = await On(folder, database).CommandAsync("errors", "list");

        Assert.Equal((0, "Nothing has failed.\n", ""), (listed.ExitCode, listed.Out, listed.Error));
    }

    [Fact]
    public async Task No_line_is_longer_than_80_characters_and_none_moves_the_cursor_whatever_has_failed()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        var table = Table(database);
        var wide = string.Concat(Enumerable.Repeat("寿司👨‍👩‍👧e\u0301", 40));
        await table.AddAsync(
        [
            SomeFailure.Photo(1, feed: new string('f', 150), reason: new string('x', 700)),
            SomeFailure.Photo(2, feed: "north-mls", reason: wide, listing: wide),
            SomeFailure.Photo(3, reason: "\u001b[31mred\u001b[0m \u202egnp.exe\r\n\tnext \a", listing: "https://reso.example/odata/Property('" + new string('9', 200) + "')?token=SECRET3"),
            SomeFailure.Unreadable(4, SomeFailure.Bytes("plain \u001b]0;title\u0007 text " + wide)),
            SomeFailure.Unreadable(5, [0xff, 0xfe, 0, 1, 2, .. SomeFailure.Bytes("https://media.example/a?sig=SECRET5")]),
        ], CancellationToken.None);
        using var folder = new TempFolder();
        var imagepipe = On(folder, database);
        var groups = await table.GroupsAsync(new FailureFilter(), CancellationToken.None);
        var messages = await table.FindAsync(new FailureFilter(), 100, CancellationToken.None);

        var said = new List<Ended> { await imagepipe.CommandAsync("errors", "list") };
        foreach (var id in groups.Select(g => g.Id).Concat(messages.Select(m => m.Id)))
            said.Add(await imagepipe.CommandAsync("errors", "show", id));
        said.Add(await imagepipe.CommandAsync("errors", "archive", "--exception", "e", "--by", wide));
        said.Add(await imagepipe.CommandAsync("errors", "archive", "--exception", "e", "--by", wide, "--yes"));
        said.Add(await imagepipe.CommandAsync("errors", "history"));

        foreach (var ended in said)
        {
            output.WriteLine(ended.Out);
            AssertReadable(ended.Out);
        }
    }

    [Fact]
    public async Task A_group_is_shown_with_its_feeds_a_stack_and_its_latest_messages()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        var table = Table(database);
        await table.AddAsync([.. Enumerable.Range(0, 30).Select(n => SomeFailure.Photo(n))], CancellationToken.None);
        var group = Assert.Single(await table.GroupsAsync(new FailureFilter(), CancellationToken.None));
        using var folder = new TempFolder();

        var shown = await On(folder, database).CommandAsync("errors", "show", group.Id[..5], "--limit", "3");

        output.WriteLine(shown.Said);
        Assert.Equal(0, shown.ExitCode);
        Assert.Contains($"{group.Id}: 30 messages, 30 failed", shown.Out, StringComparison.Ordinal);
        Assert.Contains("       30  north-mls", shown.Out, StringComparison.Ordinal);
        Assert.Contains("Fetching.Download.<ReadAsync>", shown.Out, StringComparison.Ordinal);
        Assert.Contains("The latest 3 of 30", shown.Out, StringComparison.Ordinal);
        Assert.Contains("2026-11-27 10:00:29Z failed, north-mls, listing S2,", shown.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", shown.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_is_shown_with_all_there_is_but_no_secret()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        var table = Table(database);
        await table.AddAsync([SomeFailure.Photo(7)], CancellationToken.None);
        var message = Assert.Single(await table.FindAsync(new FailureFilter(), 10, CancellationToken.None));
        using var folder = new TempFolder();
        var imagepipe = On(folder, database);

        var shown = await imagepipe.CommandAsync("errors", "show", message.Id);
        var json = await imagepipe.CommandAsync("errors", "show", message.Id, "--json");

        output.WriteLine(shown.Said);
        Assert.Equal((0, 0), (shown.ExitCode, json.ExitCode));
        Assert.All(["System.IO.IOException: GET https://media.example/… was cut short.", "message id  00000000-0000-0000-0000-000000000007", "listing     S0", "\"sourceUrl\": \"https://media.example/…\"", "\"MT-Redelivery-Count\": 5", "out of photo-requested-north-mls_error"],
            text => Assert.Contains(text, shown.Out, StringComparison.Ordinal));
        Assert.DoesNotContain("SECRET", shown.Out + json.Out, StringComparison.Ordinal);
        var read = JsonDocument.Parse(json.Out).RootElement;
        Assert.Equal("Failed", read.GetProperty("message").GetProperty("state").GetString());
        Assert.Equal("P7", read.GetProperty("body").GetProperty("message").GetProperty("photoId").GetString());
    }

    [Fact]
    public async Task A_body_that_is_no_JSON_is_shown_as_text_and_cut()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        var table = Table(database);
        await table.AddAsync([SomeFailure.Unreadable(1, SomeFailure.Bytes("<xml>" + new string('y', 9_000)))], CancellationToken.None);
        var message = Assert.Single(await table.FindAsync(new FailureFilter(), 10, CancellationToken.None));
        using var folder = new TempFolder();

        var shown = await On(folder, database).CommandAsync("errors", "show", message.Id, "--body-limit", "500");

        Assert.Contains("Body, 9,005 bytes, not JSON\n  <xml>yyy", shown.Out, StringComparison.Ordinal);
        Assert.Contains("cut here", shown.Out, StringComparison.Ordinal);
        Assert.Equal("<xml>" + new string('y', 495), string.Concat(shown.Out.Split("not JSON\n")[1].Split("  (cut here")[0].Split('\n').Select(l => l.Trim())));
    }

    [Fact]
    public async Task Json_names_stay_as_they_are()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        await Table(database).AddAsync([SomeFailure.Photo(1)], CancellationToken.None);
        using var folder = new TempFolder();

        var listed = await On(folder, database).CommandAsync("errors", "list", "--json");

        var read = JsonDocument.Parse(listed.Out).RootElement;
        Assert.Equal(["groups", "messages", "takenIn", "queuesNotLookedAt"], read.EnumerateObject().Select(p => p.Name));
        var group = Assert.Single(read.GetProperty("groups").EnumerateArray());
        Assert.Equal(
            ["id", "messages", "failedAgain", "staged", "since", "latest", "kind", "queue", "messageType", "exceptionType", "pattern", "frame", "feeds", "example"],
            group.EnumerateObject().Select(p => p.Name));
        Assert.Equal(SomeFailure.At.AddSeconds(1), group.GetProperty("since").GetDateTimeOffset());
        Assert.Equal("Error", group.GetProperty("kind").GetString());
        Assert.Equal("S0", group.GetProperty("example").GetProperty("listingKey").GetString());
    }

    [Fact]
    public async Task More_than_one_message_is_archived_only_with_yes_and_restored_the_same_way_and_both_stand_in_the_history()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        var table = Table(database);
        await table.AddAsync([.. Enumerable.Range(0, 5).Select(n => SomeFailure.Photo(n)), SomeFailure.Photo(9, feed: "south-mls")], CancellationToken.None);
        using var folder = new TempFolder();
        var imagepipe = On(folder, database);

        var dry = await imagepipe.CommandAsync("errors", "archive", "--feed", "north-mls");
        var before = await CountAsync();
        var done = await imagepipe.CommandAsync("errors", "archive", "--feed", "north-mls", "--yes", "--by", "anna");
        var after = await CountAsync();
        var archived = await imagepipe.CommandAsync("errors", "list", "--archived");
        var back = await imagepipe.CommandAsync("errors", "restore", "--feed", "north-mls", "--yes", "--by", "bert");
        var history = await imagepipe.CommandAsync("errors", "history");

        output.WriteLine(history.Out);
        Assert.Equal((1, 6, 0, 1, 0, 6), (dry.ExitCode, before, done.ExitCode, after, back.ExitCode, await CountAsync()));
        Assert.Contains("5 messages in 1 group would be archived; nothing was done. --yes does it.", dry.Out, StringComparison.Ordinal);
        Assert.EndsWith("1 group, 5 archived messages\n", archived.Out, StringComparison.Ordinal);
        Assert.Matches(@"#2 .*restore by bert: --feed north-mls\n\s+5 messages\n#1 .*archive by anna: --feed north-mls\n\s+5 messages\n$", history.Out);

        async Task<long> CountAsync() => (await table.GroupsAsync(new FailureFilter(), CancellationToken.None)).Sum(g => g.Messages);
    }

    [Fact]
    public async Task One_message_is_archived_at_once()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        var table = Table(database);
        await table.AddAsync([SomeFailure.Photo(1), SomeFailure.Photo(2)], CancellationToken.None);
        var id = (await table.FindAsync(new FailureFilter(), 1, CancellationToken.None))[0].Id;
        using var folder = new TempFolder();

        var done = await On(folder, database).CommandAsync("errors", "archive", id);

        Assert.Equal(0, done.ExitCode);
        Assert.Equal(FailureState.Archived, (await table.ReadAsync(id, CancellationToken.None))!.State);
        Assert.Equal(1, (await table.GroupsAsync(new FailureFilter(), CancellationToken.None)).Sum(g => g.Messages));
    }

    [Fact]
    public async Task Everything_is_archived_only_when_all_is_said()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        await Table(database).AddAsync([SomeFailure.Photo(1), SomeFailure.Photo(2)], CancellationToken.None);
        using var folder = new TempFolder();
        var imagepipe = On(folder, database);

        var refused = await imagepipe.CommandAsync("errors", "archive", "--yes");
        var done = await imagepipe.CommandAsync("errors", "archive", "--all", "--yes");

        Assert.Equal((2, 0), (refused.ExitCode, done.ExitCode));
        Assert.Contains("--all", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_works_when_the_services_configuration_is_broken()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
        await Table(database).AddAsync([SomeFailure.Photo(1)], CancellationToken.None);
        using var folder = new TempFolder();
        var imagepipe = On(folder, database);
        foreach (var (name, value) in new[]
        {
            ("Feeds__north-mls__Source", "::nonsense::"), ("FeedsFile", "/does/not/exist.json"), ("PhotoWorker__LaneConcurrency", "many"), ("PhotoWorker__NoSuchSetting", "1"),
            ("Bus__ConfirmTimeout", "soon"), ("Store__Url", "ftp://nowhere"), ("Gates__Longest", "-1"), ("ListingNotifier__Deadline", "never"), ("Rungs__Delays__0", "x"), ("Errors__Retention", "x"),
        })
            imagepipe.Environment[name] = value;
        var id = (await Table(database).FindAsync(new FailureFilter(), 1, CancellationToken.None))[0].Id;

        string[][] commands = [["list"], ["list", "--json"], ["show", id], ["archive", id], ["restore", id], ["history"]];
        foreach (var command in commands)
        {
            var ended = await imagepipe.CommandAsync(["errors", .. command]);
            Assert.True(ended is { ExitCode: 0, Error: "" }, ended.Said);
        }
    }

    [Theory]
    [InlineData("list", "--limit", "3")]
    [InlineData("show", "zzzz")]
    [InlineData("show", "abc")]
    [InlineData("show")]
    [InlineData("history", "--limit", "0")]
    [InlineData("list", "--older-than", "long")]
    public async Task Bad_usage_is_a_sentence_and_2(params string[] arguments)
    {
        using var folder = new TempFolder();

        var ended = await new Imagepipe(folder).CommandAsync(["errors", .. arguments]);

        Assert.Equal((2, ""), (ended.ExitCode, ended.Out));
        Assert.Contains($"Try: imagepipe errors {arguments[0]} --help", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_state_it_says_where_it_looked()
    {
        using var folder = new TempFolder();

        var ended = await new Imagepipe(folder).CommandAsync("errors", "list", "--state", folder["none.db"]);

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("There is no state in", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_advice_leads_to_a_section_of_the_runbook()
    {
        var anchors = MarkdownPage.Read(FailureAdvice.Page).Anchors.ToHashSet();

        Assert.All(FailureAdvice.All, advice => Assert.Contains(advice.Section, anchors));
    }

    [Fact]
    public void Wrapped_text_is_never_wider_than_the_page_and_loses_nothing_but_spaces()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        string[] pieces = ["word", " ", "  ", new('l', 90), "寿司", "👨‍👩‍👧", "e\u0301", "-", "\u00a0", "ﷺ", "…"];
        for (var i = 0; i < 2_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => pieces[random.Next(pieces.Length)]));

            var lines = PlainText.Wrap(text, "label  ", "       ").ToList();

            Assert.All(lines, AssertFits);
            AssertFits(PlainText.Cut(text, "label  "));
            Assert.Equal(
                text.Replace(" ", "", StringComparison.Ordinal).Replace("\u00a0", "", StringComparison.Ordinal).Replace("\u200d", "\\u200d", StringComparison.Ordinal),
                string.Concat(lines)["label".Length..].Replace(" ", "", StringComparison.Ordinal));
        }
    }

    static void AssertReadable(string text)
    {
        Assert.DoesNotContain("SECRET", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), AssertFits);
        Assert.All(text, c => Assert.False(c != '\n' && char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format, $"There is a character {(int)c:x4}."));
    }

    static void AssertFits(string line) => Assert.True(line.Length <= 80 && new Segment(line).CellCount() <= 80, $"{line.Length} characters: {line}");

    static FailedMessageTable Table(TestDatabase database) => new(database.Database, TimeProvider.System);

    static Imagepipe On(TempFolder folder, TestDatabase database) => new(folder) { Environment = { ["Database__ConnectionString"] = database.ConnectionString } };
}
