using ImagePipeline.Contracts;

namespace ImagePipeline.ListingNotifier.Tests;

public sealed class ListingStateTests
{
    readonly ListingState _listing = new() { CorrelationId = Some.Listing() };

    [Fact]
    public void A_listing_is_complete_only_after_its_last_photo()
    {
        Tell(Some.Set(photos: [("a", "v1"), ("b", "v1")]));

        Tell(Some.Stored("a"));
        Assert.False(_listing.IsSettled);

        Tell(Some.Stored("b"));
        Assert.True(_listing.IsComplete);
    }

    [Fact]
    public void Outcomes_that_come_before_their_set_count()
    {
        Tell(Some.Stored("b"));
        Tell(Some.Rejected("a"));
        Assert.Equal(0, _listing.Announcement);

        Tell(Some.Set(photos: [("a", "v1"), ("b", "v1")]));

        Assert.True(_listing.IsSettled);
        Assert.False(_listing.IsComplete);
        Assert.NotEqual(0, _listing.Announcement);
    }

    [Fact]
    public void A_listing_without_photos_is_complete_at_once()
    {
        Tell(Some.Set());

        Assert.True(_listing.IsComplete);
    }

    [Fact]
    public void Every_event_told_again_changes_nothing()
    {
        var set = Some.Set(photos: [("a", "v1"), ("b", "v1")]);
        Tell(set);
        Tell(Some.Stored("a"));
        Tell(Some.Rejected("b"));
        var announcement = _listing.Announcement;

        Tell(set);
        Tell(Some.Stored("a"));
        Tell(Some.Rejected("b"));

        Assert.Equal(announcement, _listing.Announcement);
        Assert.Equal(1, _listing.Asked);
    }

    [Fact]
    public void Stored_wins_over_rejected_and_rejected_over_failed_whatever_the_order()
    {
        Tell(Some.Set(photos: [("a", "v1")]));

        Fail("a");
        Tell(Some.Rejected("a"));
        Assert.Equal(OutcomeKind.Rejected, _listing.OutcomeOf(_listing.Photos[0])!.Kind);
        Tell(Some.Stored("a"));
        Tell(Some.Rejected("a"));
        Fail("a");

        Assert.Equal(OutcomeKind.Stored, _listing.OutcomeOf(_listing.Photos[0])!.Kind);
    }

    [Fact]
    public void An_older_set_changes_nothing()
    {
        Tell(Some.Set(generation: 5, photos: [("a", "v1")]));

        Tell(Some.Set(generation: 4, photos: [("a", "v1"), ("b", "v1")]));

        Assert.Single(_listing.Photos);
    }

    [Fact]
    public void A_new_generation_carries_over_what_it_shares_with_the_old()
    {
        Tell(Some.Set(photos: [("a", "v1"), ("b", "v1")]));
        Tell(Some.Stored("a"));
        Tell(Some.Stored("b"));

        Tell(Some.Set(generation: 2, photos: [("b", "v1"), ("a", "v1")]));

        Assert.True(_listing.IsComplete);
    }

    [Fact]
    public void Until_a_new_version_is_stored_the_old_one_is_shown_and_flagged()
    {
        Tell(Some.Set(photos: [("a", "v1")]));
        Tell(Some.Stored("a"));

        Tell(Some.Set(generation: 2, photos: [("a", "v2")]));

        var ready = Announcement.Of(_listing);
        Assert.True(Assert.Single(ready.Photos).Outdated);
        Assert.Equal("v2", Assert.Single(ready.Missing).Version);
        Assert.False(ready.Complete);
    }

    [Fact]
    public void With_a_public_base_URL_each_rendition_has_the_URL_of_its_key()
    {
        Tell(Some.Set(photos: [("a", "v1")]));
        Tell(Some.Stored("a"));

        var rendition = Announcement.Of(_listing, new() { PublicBaseUrl = "https://photos.example/" }).Photos[0].Renditions[0];

        Assert.Equal($"https://photos.example/{rendition.Key.Replace("%", "%25", StringComparison.Ordinal)}", rendition.Url);
        Assert.All(Announcement.Of(_listing).Photos[0].Renditions, r => Assert.Null(r.Url));
        Assert.DoesNotContain("\"url\"", System.Text.Encoding.UTF8.GetString(Announcement.Manifest(Announcement.Of(_listing))), StringComparison.Ordinal);
    }

    [Fact]
    public void When_the_new_version_is_stored_the_old_one_is_forgotten()
    {
        Tell(Some.Set(photos: [("a", "v1")]));
        Tell(Some.Stored("a"));
        Tell(Some.Set(generation: 2, photos: [("a", "v2")]));

        Tell(Some.Stored("a", "v2", generation: 2));

        Assert.Equal("v2", Assert.Single(_listing.Outcomes).Version);
        Assert.True(_listing.IsComplete);
    }

    [Fact]
    public void A_late_result_of_a_set_that_is_gone_makes_nothing_older()
    {
        Tell(Some.Set(photos: [("a", "v1")]));
        Tell(Some.Set(generation: 3, photos: [("a", "v3")]));
        Tell(Some.Stored("a", "v3", generation: 3));
        var announcement = _listing.Announcement;

        Tell(Some.Stored("a", "v1", generation: 1));

        Assert.Equal(announcement, _listing.Announcement);
        Assert.Equal("v3", Assert.Single(Announcement.Of(_listing).Photos).Version);
    }

    [Fact]
    public void A_result_of_a_set_yet_to_come_counts_when_it_comes()
    {
        Tell(Some.Set(photos: [("a", "v1")]));

        Tell(Some.Stored("a", "v2", generation: 2));
        Tell(Some.Set(generation: 2, photos: [("a", "v2")]));

        Assert.True(_listing.IsComplete);
    }

    [Fact]
    public void Asked_again_failed_photos_are_pending_once_more()
    {
        Tell(Some.Set(photos: [("a", "v1"), ("b", "v1")]));
        Tell(Some.Stored("a"));
        Fail("b");
        Assert.True(_listing.IsSettled);

        Tell(Some.Set(ask: 1, photos: [("a", "v1"), ("b", "v1")]));

        Assert.False(_listing.IsSettled);
        Assert.Equal(1, _listing.Count(OutcomeKind.Stored));
    }

    [Fact]
    public void Asked_again_a_settled_listing_is_due_again_under_the_same_number()
    {
        Tell(Some.Set(photos: [("a", "v1")]));
        Tell(Some.Stored("a"));
        var announcement = _listing.Announcement;

        Tell(Some.Set(ask: 1, photos: [("a", "v1")]));

        Assert.Equal(announcement, _listing.Announcement);
        Assert.Equal(2, _listing.Asked);
    }

    [Fact]
    public void After_a_lost_database_announcements_still_grow()
    {
        Tell(Some.Set());
        var before = _listing.Announcement;

        var anew = new ListingState { CorrelationId = Some.Listing() };
        anew.Apply(Some.Set(generation: 2), Some.Now + TimeSpan.FromSeconds(1));

        Assert.True(anew.Announcement > before);
    }

    [Fact]
    public void The_next_photo_stands_in_for_a_primary_one_that_is_missing()
    {
        Tell(Some.Set(photos: [("a", "v1"), ("b", "v1")]));
        Tell(Some.Rejected("a"));
        Tell(Some.Stored("b"));

        var ready = Announcement.Of(_listing);

        Assert.Equal(_listing.Photos[1].PhotoId, ready.Primary);
        Assert.Equal(PhotoRejection.NotAnImage, Assert.Single(ready.Missing).Rejection);
        Assert.True(ready.Final);
        Assert.False(ready.Complete);
    }

    [Fact]
    public void A_withdrawn_listing_is_removed_and_never_announced()
    {
        Tell(Some.Set(photos: [("a", "v1")]));
        Tell(Some.Stored("a"));

        _listing.Apply(Some.Withdrawn(), Some.Now);

        Assert.True(_listing.Removing);
        Assert.False(_listing.IsSettled);
    }

    [Fact]
    public void What_is_stored_after_the_withdrawal_goes_too()
    {
        Tell(Some.Set(photos: [("a", "v1")]));
        _listing.Apply(Some.Withdrawn(), Some.Now);
        Assert.False(_listing.Removed());

        Tell(Some.Stored("a"));

        Assert.True(_listing.Removing);
    }

    [Fact]
    public void A_listing_that_comes_back_while_it_is_removed_is_asked_for_afterwards()
    {
        Tell(Some.Set(photos: [("a", "v1")]));
        _listing.Apply(Some.Withdrawn(generation: 2), Some.Now);
        Tell(Some.Set(generation: 3, photos: [("a", "v1")]));

        Tell(Some.Stored("a", generation: 3));
        Assert.False(_listing.IsSettled);

        Assert.True(_listing.Removed());
    }

    [Fact]
    public void A_withdrawal_older_than_the_set_changes_nothing()
    {
        Tell(Some.Set(generation: 3, photos: [("a", "v1")]));

        _listing.Apply(Some.Withdrawn(generation: 2), Some.Now);

        Assert.Null(_listing.Withdrawn);
    }

    void Tell(ListingPhotosChanged set) => _listing.Apply(set, Some.Now);

    void Tell(PhotoStored stored) => _listing.Apply(ListingStateMachine.Outcome(stored), Some.Now);

    void Tell(PhotoRejected rejected) => _listing.Apply(ListingStateMachine.Outcome(rejected), Some.Now);

    void Fail(string mediaKey)
    {
        var request = Some.Requested(mediaKey);
        _listing.Apply(
            new PhotoOutcome { PhotoId = request.PhotoId, Version = request.Version, Generation = 1, Kind = OutcomeKind.Failed, Detail = "503" }, Some.Now);
    }
}
