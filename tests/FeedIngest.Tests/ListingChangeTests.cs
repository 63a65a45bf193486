using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Feeds;

namespace ImagePipeline.FeedIngest.Tests;

public sealed class ListingChangeTests
{
    static readonly TimeSpan After = TimeSpan.FromMinutes(30);
    static readonly DateTimeOffset Later = Some.Now.AddHours(1);
    static readonly FeedIngestOptions Options = new() { AskAgainAfter = After, AskAgainMost = TimeSpan.FromHours(3) };

    [Fact]
    public void All_photos_of_a_new_listing_are_asked_for()
    {
        var change = Between(null, Some.Read(Some.Photo("a"), Some.Photo("b")))!;

        Assert.Equal(ChangeKind.Changed, change.Kind);
        Assert.Equal(["a", "b"], Keys(change));
        Assert.Equal(Later.ToUnixTimeMilliseconds(), change.Next.Generation);
        Assert.Equal((Later, Later + After, 0), (change.Next.AskedAt, change.Next.NextAskAt, change.Next.Ask));
    }

    [Fact]
    public void A_new_listing_without_photos_is_told()
    {
        var change = Between(null, Some.Read())!;

        Assert.Equal(ChangeKind.Changed, change.Kind);
        Assert.Empty(change.Requests);
    }

    [Fact]
    public void A_listing_read_again_changes_nothing()
    {
        var known = Some.Known(Some.Photo("a"));

        var change = Between(known, Some.Read(Some.Photo("a")))!;

        Assert.Equal(ChangeKind.None, change.Kind);
        Assert.Empty(change.Requests);
        Assert.Equivalent(known with { SeenAt = Later }, change.Next, strict: true);
    }

    [Fact]
    public void Only_what_is_new_to_the_set_is_asked_for()
    {
        var change = Between(Some.Known(Some.Photo("a"), Some.Photo("b")), Some.Read(Some.Photo("a"), Some.Photo("b"), Some.Photo("c")))!;

        Assert.Equal(ChangeKind.Changed, change.Kind);
        Assert.Equal(["c"], Keys(change));
    }

    [Fact]
    public void A_new_version_of_a_photo_is_asked_for()
    {
        var change = Between(Some.Known(Some.Photo("a"), Some.Photo("b")), Some.Read(Some.Photo("a"), Some.Photo("b", "v2")))!;

        Assert.Equal(("b", "v2"), (Assert.Single(change.Requests).MediaKey, change.Requests[0].Version));
    }

    public static TheoryData<string, ReadListing> Presentations => new()
    {
        { "a photo less", Some.Read(Some.Photo("a")) },
        { "another order", Some.Read(Some.Photo("b"), Some.Photo("a")) },
        { "a caption", Some.Read(Some.Photo("a", caption: "Kitchen"), Some.Photo("b")) },
        { "another primary photo", Some.Read(Some.Photo("a"), Some.Photo("b") with { Primary = true }) },
        { "an alteration", Some.Read(Some.Photo("a"), Some.Photo("b") with { Alteration = ["Virtually Staged"] }) },
        { "a permission", Some.Read(Some.Photo("a"), Some.Photo("b") with { Permissions = ["Private"] }) },
        { "another MLS number", Some.Read(Some.Photo("a"), Some.Photo("b")) with { ListingId = "MLS-2" } },
        { "no photos", Some.Read() },
    };

    [Theory]
    [MemberData(nameof(Presentations))]
    public void Presentation_is_told_without_asking_for_a_photo(string what, ReadListing read)
    {
        var known = Some.Known(Some.Photo("a"), Some.Photo("b"));

        var change = Between(known, read)!;

        Assert.True(change.Kind == ChangeKind.Changed, what);
        Assert.True(change.Next.Generation > known.Generation);
        Assert.Empty(change.Requests);
    }

    [Fact]
    public void A_URL_signed_again_changes_nothing_but_the_URL_that_is_known()
    {
        var known = Some.Known(Some.Photo("a"));
        var signed = Some.Photo("a", url: "https://photos.example/a/v1.jpg?signature=2") with { ExpiresAt = Later };

        var change = Between(known, Some.Read(signed))!;

        Assert.Equal(ChangeKind.None, change.Kind);
        Assert.Equivalent(known with { SeenAt = Later, Photos = [signed] }, change.Next, strict: true);
    }

    [Fact]
    public void A_listing_that_says_the_same_at_a_later_time_is_as_new_as_that()
    {
        var known = Some.Known(Some.Photo("a"));

        Assert.Equal(Later, Between(known, Some.Read(Some.Photo("a")) with { ChangedAt = Later })!.Next.ChangedAt);
        Assert.Equal(known.ChangedAt, Between(known, Some.Read(Some.Photo("a")) with { ChangedAt = DateTimeOffset.UnixEpoch })!.Next.ChangedAt);
    }

    [Fact]
    public void A_generation_is_higher_than_the_one_before_even_when_the_clock_is_not()
    {
        var known = Some.Known(Some.Photo("a")) with { Generation = Later.AddYears(1).ToUnixTimeMilliseconds() };

        Assert.Equal(known.Generation + 1, Between(known, Some.Read())!.Next.Generation);
    }

    [Fact]
    public void A_listing_that_is_withdrawn_is_taken_back()
    {
        var change = Between(Some.Known(Some.Photo("a")), Withdrawn())!;

        Assert.Equal(ChangeKind.Withdrawn, change.Kind);
        Assert.Equal("It is off the market.", change.Next.Withdrawn);
        Assert.Empty(change.Requests);
    }

    [Fact]
    public void A_listing_that_stays_withdrawn_changes_nothing() =>
        Assert.Equal(ChangeKind.None, Between(Some.KnownAfter(Withdrawn(), Some.Known(Some.Photo("a"))), Withdrawn())!.Kind);

    [Fact]
    public void A_withdrawn_listing_that_comes_back_is_asked_for_whole()
    {
        var withdrawn = Some.KnownAfter(Withdrawn(), Some.Known(Some.Photo("a"))) with { Photos = [Some.Photo("a")] };

        var change = Between(withdrawn, Some.Read(Some.Photo("a")))!;

        Assert.Equal(ChangeKind.Changed, change.Kind);
        Assert.Null(change.Next.Withdrawn);
        Assert.Equal(["a"], Keys(change));
    }

    [Fact]
    public void A_listing_withdrawn_before_it_was_ever_known_is_nothing() => Assert.Null(Between(null, Withdrawn()));

    [Fact]
    public void With_a_change_failed_photos_are_asked_for_too_and_rejected_ones_are_not()
    {
        var known = Some.Known(Some.Photo("stored"), Some.Photo("failed"), Some.Photo("rejected"));
        known = known with
        {
            Missing = [Some.Missing(known, "failed", MissingReason.Failed), Some.Missing(known, "rejected", MissingReason.Rejected)],
        };

        var change = Between(known, Some.Read(Some.Photo("stored"), Some.Photo("failed"), Some.Photo("rejected"), Some.Photo("new")))!;

        Assert.Equal(["failed", "new"], Keys(change));
    }

    [Fact]
    public void A_new_version_of_a_rejected_photo_is_asked_for()
    {
        var known = Some.Known(Some.Photo("a"));
        known = known with { Missing = [Some.Missing(known, "a", MissingReason.Rejected)] };

        Assert.Equal(["a"], Keys(Between(known, Some.Read(Some.Photo("a", "v2")))!));
    }

    [Fact]
    public void Asked_again_the_same_generation_is_told_and_all_but_the_rejected_photos_are_asked_for()
    {
        var known = Some.Known(Some.Photo("stored"), Some.Photo("failed"), Some.Photo("rejected"));
        known = known with
        {
            Missing = [Some.Missing(known, "failed", MissingReason.Failed), Some.Missing(known, "rejected", MissingReason.Rejected)],
        };

        var change = ListingChange.Again(known, Later, Options, everything: false);

        Assert.Equal(ChangeKind.Changed, change.Kind);
        Assert.Equal((known.Generation, 1, Later), (change.Next.Generation, change.Next.Ask, change.Next.AskedAt));
        Assert.False(change.Next.IsFinal);
        Assert.Equal(["stored", "failed"], Keys(change));
        Assert.Equal(["stored", "failed", "rejected"], Keys(ListingChange.Again(known, Later, Options, everything: true)));
    }

    [Fact]
    public void Asked_again_a_withdrawn_listing_is_taken_back_again()
    {
        var change = ListingChange.Again(Some.KnownAfter(Withdrawn(), Some.Known(Some.Photo("a"))), Later, Options, everything: true);

        Assert.Equal(ChangeKind.Withdrawn, change.Kind);
        Assert.Empty(change.Requests);
    }

    [Theory]
    [InlineData(0, 60)]
    [InlineData(1, 120)]
    [InlineData(2, 180)]
    [InlineData(3, 180)]
    [InlineData(int.MaxValue - 1, 180)]
    public void The_delay_to_the_next_ask_doubles_up_to_the_most(int asked, int minutes) =>
        Assert.Equal(
            Later.AddMinutes(minutes), ListingChange.Again(Some.Known() with { Ask = asked }, Later, Options, everything: false).Next.NextAskAt);

    [Fact]
    public void A_listing_that_was_left_over_is_asked_for_again_when_nothing_changed()
    {
        var known = Some.Known(Some.Photo("a")) with { FinalGeneration = 0 };

        var change = Between(known, Some.Read(Some.Photo("a", url: "https://photos.example/fresh.jpg")))!.WithLeftOver(Later, Options);

        Assert.Equal((ChangeKind.Changed, known.Generation, 1), (change.Kind, change.Next.Generation, change.Next.Ask));
        Assert.Equal("https://photos.example/fresh.jpg", Assert.Single(change.Requests).Url);
    }

    [Fact]
    public void A_listing_that_was_left_over_is_asked_for_whole_when_only_a_caption_changed()
    {
        var known = Some.Known(Some.Photo("a"), Some.Photo("rejected")) with { FinalGeneration = 0 };
        known = known with { Missing = [Some.Missing(known, "rejected", MissingReason.Rejected)] };

        var change = Between(known, Some.Read(Some.Photo("a", caption: "Kitchen"), Some.Photo("rejected")))!.WithLeftOver(Later, Options);

        Assert.Equal(ChangeKind.Changed, change.Kind);
        Assert.True(change.Next.Generation > known.Generation);
        Assert.Equal(["a"], Keys(change));
    }

    [Fact]
    public void A_listing_that_was_left_over_and_is_withdrawn_is_taken_back() =>
        Assert.Equal(ChangeKind.Withdrawn, Between(Some.Known(Some.Photo("a")), Withdrawn())!.WithLeftOver(Later, Options).Kind);

    static ReadListing Withdrawn() => Some.Read() with { Withdrawn = "It is off the market." };

    static ListingChange? Between(KnownListing? known, ReadListing read) => ListingChange.Between(known, read, Later, After);

    static IEnumerable<string> Keys(ListingChange change) => change.Requests.Select(p => p.MediaKey);
}
