using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Feeds;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

public sealed class ListingSubmissionTests
{
    static readonly ListingPhotosSubmitted Submission = new()
    {
        Feed = "some-mls",
        ListingKey = "ABC1",
        ListingId = "MLS-1",
        ChangedAt = new DateTimeOffset(2026, 6, 1, 14, 0, 0, TimeSpan.FromHours(2)),
        Photos = [],
    };

    [Fact]
    public void Every_property_of_a_photo_arrives()
    {
        var modifiedAt = new DateTimeOffset(2026, 5, 20, 8, 0, 0, TimeSpan.Zero);
        var photo = Assert.Single(Listing(Submission with
        {
            Photos =
            [
                new SubmittedPhoto
                {
                    Url = "https://media.example.test/1.jpg", Key = "P1", ModifiedAt = modifiedAt, Order = 4, Preferred = true, Caption = "Kitchen",
                    Kind = "FloorPlan", Alteration = ["TwilightConversion"], Permissions = ["Idx"], ExpiresAt = modifiedAt.AddHours(1), SingleUse = true,
                },
            ],
        }).Photos);

        Assert.Equivalent(
            new ReadPhoto
            {
                MediaKey = "P1",
                Version = "20260520T080000000Z",
                Url = "https://media.example.test/1.jpg",
                ExpiresAt = modifiedAt.AddHours(1),
                SingleUse = true,
                Order = 4,
                Primary = true,
                Caption = "Kitchen",
                Kind = "FloorPlan",
                Alteration = ["TwilightConversion"],
                Permissions = ["Idx"],
            },
            photo,
            strict: true);
    }

    [Fact]
    public void A_listing_carries_its_own_feed_and_its_time_in_UTC()
    {
        var listing = Listing(Submission);

        Assert.Equal(("some-mls", "ABC1", "MLS-1"), (listing.Feed, listing.ListingKey, listing.ListingId));
        Assert.Equal((TimeSpan.Zero, 12), (listing.ChangedAt.Offset, listing.ChangedAt.Hour));
    }

    [Fact]
    public void A_photo_without_order_stands_where_it_stands_in_the_list()
    {
        var photos = Listing(Submission with { Photos = [Photo("a"), Photo("b") with { Order = 5 }, Photo("c"), Photo("d") with { Order = 0 }] }).Photos;

        Assert.Equal(["a", "d", "c", "b"], photos.Select(photo => photo.MediaKey));
        Assert.Equal([null, 0, null, 5], photos.Select(photo => photo.Order));
    }

    [Fact]
    public void A_photo_that_comes_twice_is_one() => Assert.Single(Listing(Submission with { Photos = [Photo("a"), Photo("a")] }).Photos);

    [Fact]
    public void A_withdrawn_listing_has_no_photos_and_says_why()
    {
        var listing = Listing(Submission with { Withdrawn = true, Photos = [Photo("a")] });

        Assert.Equal("The source submitted it as withdrawn.", listing.Withdrawn);
        Assert.Empty(listing.Photos);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Some MLS")]
    [InlineData("-mls")]
    public void A_feed_id_against_the_rule_is_refused(string? feed) =>
        Assert.Equal($"Its feed must be {FeedId.Rule}.", Refusal(Submission with { Feed = feed! }).Why);

    [Theory]
    [InlineData(null, "It has no listingKey.")]
    [InlineData(" ", "Its listingKey is blank.")]
    [InlineData("a\nb", "Its listingKey has control characters in it.")]
    public void A_listing_key_that_is_none_is_refused(string? key, string why) => Assert.Equal(why, Refusal(Submission with { ListingKey = key! }).Why);

    [Fact]
    public void Null_photos_are_refused_and_not_taken_for_none() =>
        Assert.Equal("Its photos are null; a listing without photos has an empty list.", Refusal(Submission with { Photos = null! }).Why);

    [Fact]
    public void A_null_photo_or_url_is_refused()
    {
        Assert.Equal("Photo 2 of its photos is null.", Refusal(Submission with { Photos = [Photo("a"), null!] }).Why);
        Assert.Equal("Photo 1 of its photos has no url.", Refusal(Submission with { Photos = [Photo("a") with { Url = null! }] }).Why);
    }

    [Fact]
    public void A_refusal_names_the_listing_where_it_can() => Assert.Equal("ABC1", Refusal(Submission with { Photos = null! }).ListingKey);

    static SubmittedPhoto Photo(string key) => new() { Url = $"https://media.example.test/{key}.jpg", Key = key };

    static ReadListing Listing(ListingPhotosSubmitted submission) => Assert.IsType<ReadListing>(submission.ToReadListing());

    static RefusedRecord Refusal(ListingPhotosSubmitted submission) => Assert.IsType<RefusedRecord>(submission.ToReadListing());
}
