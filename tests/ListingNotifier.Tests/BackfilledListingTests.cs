using ImagePipeline.Contracts;

namespace ImagePipeline.ListingNotifier.Tests;

public sealed class BackfilledListingTests
{
    readonly ListingState _listing = new() { CorrelationId = Some.Listing() };

    [Fact]
    public void Its_photos_are_shown_in_the_new_profile_and_it_is_due_once_under_one_higher_number()
    {
        StoreTwo();
        var (announcement, asked) = (_listing.Announcement, _listing.Asked);

        Tell(Some.Backfilled(photos: [("a", "v1"), ("b", "v1")]));

        Assert.All(Shown(), key => Assert.Contains("/web-2/", key, StringComparison.Ordinal));
        Assert.Equal((announcement + 1, asked + 1), (_listing.Announcement, _listing.Asked));
        Assert.True(Announcement.Of(_listing).Complete);
    }

    [Fact]
    public void Told_twice_nothing_changes()
    {
        StoreTwo();
        Tell(Some.Backfilled(photos: [("a", "v1")]));
        var (announcement, asked) = (_listing.Announcement, _listing.Asked);

        Tell(Some.Backfilled(photos: [("a", "v1")]));

        Assert.Equal((announcement, asked), (_listing.Announcement, _listing.Asked));
    }

    [Fact]
    public void What_an_older_backfill_tells_late_does_not_take_it_back()
    {
        StoreTwo();
        Tell(Some.Backfilled(backfill: 2, photos: [("a", "v1"), ("b", "v1")]));
        var announcement = _listing.Announcement;

        Tell(Some.Backfilled(backfill: 1, profile: "web-3", photos: [("a", "v1"), ("b", "v1")]));

        Assert.All(Shown(), key => Assert.Contains("/web-2/", key, StringComparison.Ordinal));
        Assert.Equal((announcement, 2), (_listing.Announcement, _listing.Backfill));
    }

    [Fact]
    public void A_later_backfill_takes_it_back_to_a_profile_it_had_before()
    {
        StoreTwo();
        Tell(Some.Backfilled(backfill: 1, photos: [("a", "v1"), ("b", "v1")]));

        Tell(Some.Backfilled(backfill: 2, profile: "web-1", photos: [("a", "v1"), ("b", "v1")]));

        Assert.All(Shown(), key => Assert.Contains("/web-1/", key, StringComparison.Ordinal));
    }

    [Fact]
    public void Of_a_photo_that_was_replaced_meanwhile_the_new_version_stays_and_the_rest_counts()
    {
        StoreTwo();
        Tell(Some.Set(generation: 2, photos: [("a", "v2"), ("b", "v1")]));
        _listing.Apply(ListingStateMachine.Outcome(Some.Stored("a", "v2", generation: 2)), Some.Now);

        Tell(Some.Backfilled(photos: [("a", "v1"), ("b", "v1")]));

        Assert.Equal(["v2/web-1", "v1/web-2"], Shown().Select(VersionAndProfile));
    }

    [Fact]
    public void Of_a_photo_whose_new_version_is_not_stored_yet_the_one_that_is_shown_counts()
    {
        StoreTwo();
        Tell(Some.Set(generation: 2, photos: [("a", "v2"), ("b", "v1")]));

        Tell(Some.Backfilled(generation: 2, photos: [("a", "v1"), ("b", "v1")]));

        Assert.Equal(["v1/web-2", "v1/web-2"], Shown().Select(VersionAndProfile));
        Assert.True(Announcement.Of(_listing).Photos[0].Outdated);
    }

    [Fact]
    public void A_photo_that_is_not_known_as_stored_is_left_as_it_is()
    {
        Tell(Some.Set(photos: [("a", "v1"), ("b", "v1")]));
        _listing.Apply(ListingStateMachine.Outcome(Some.Rejected("a")), Some.Now);

        Tell(Some.Backfilled(photos: [("a", "v1"), ("b", "v1")]));

        Assert.Equal((1, 0), (_listing.Count(OutcomeKind.Rejected), _listing.Count(OutcomeKind.Stored)));
    }

    [Fact]
    public void A_worker_that_finds_a_photo_stored_in_an_older_profile_does_not_take_it_back_nor_one_with_a_newer_profile_on()
    {
        StoreTwo();
        Tell(Some.Backfilled(photos: [("a", "v1"), ("b", "v1")]));
        var announcement = _listing.Announcement;

        _listing.Apply(ListingStateMachine.Outcome(Some.Stored("a") with { AlreadyStored = true }), Some.Now);
        _listing.Apply(ListingStateMachine.Outcome(Some.Stored("b") with { Profile = "web-3" }), Some.Now);

        Assert.All(Shown(), key => Assert.Contains("/web-2/", key, StringComparison.Ordinal));
        Assert.Equal(announcement, _listing.Announcement);
    }

    [Fact]
    public void Withdrawn_meanwhile_what_was_stored_of_it_goes_too()
    {
        StoreTwo();
        _listing.Apply(Some.Withdrawn(), Some.Now);
        _listing.Removed();

        Tell(Some.Backfilled(photos: [("a", "v1")]));

        Assert.True(_listing.Removing);
        Assert.Empty(_listing.Outcomes);
    }

    [Fact]
    public void Withdrawn_and_back_meanwhile_what_was_deleted_in_between_is_not_shown()
    {
        StoreTwo();
        _listing.Apply(Some.Withdrawn(generation: 2), Some.Now);
        _listing.Removed();
        Tell(Some.Set(generation: 3, photos: [("a", "v1")]));
        _listing.Apply(ListingStateMachine.Outcome(Some.Stored("a", generation: 3)), Some.Now);

        Tell(Some.Backfilled(generation: 1, photos: [("a", "v1")]));
        Assert.Equal(["v1/web-1"], Shown().Select(VersionAndProfile));

        Tell(Some.Backfilled(generation: 3, photos: [("a", "v1")]));
        Assert.Equal(["v1/web-2"], Shown().Select(VersionAndProfile));
    }

    [Fact]
    public void Its_presentation_and_its_other_photos_may_change_afterwards()
    {
        StoreTwo();
        Tell(Some.Backfilled(photos: [("a", "v1"), ("b", "v1")]));

        Tell(Some.Set(generation: 2, photos: [("b", "v1"), ("a", "v1")]));

        Assert.True(_listing.IsComplete);
        Assert.All(Shown(), key => Assert.Contains("/web-2/", key, StringComparison.Ordinal));
    }

    void StoreTwo()
    {
        Tell(Some.Set(photos: [("a", "v1"), ("b", "v1")]));
        _listing.Apply(ListingStateMachine.Outcome(Some.Stored("a")), Some.Now);
        _listing.Apply(ListingStateMachine.Outcome(Some.Stored("b")), Some.Now);
    }

    void Tell(ListingPhotosChanged set) => _listing.Apply(set, Some.Now);

    void Tell(ListingBackfilled told) => _listing.Apply(told, Some.Now);

    List<string> Shown() => [.. Announcement.Of(_listing).Photos.Select(p => p.Renditions[0].Key)];

    static string VersionAndProfile(string key) => string.Join('/', key.Split('/')[4..6]);
}
