using System.Text.Json.Nodes;
using static ImagePipeline.FeedIngest.Tests.Feeds.SomeFeed;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

public sealed class PhotoSetTests
{
    [Fact]
    public void Photos_are_in_the_order_of_Order_then_of_the_feed_and_those_without_come_last() =>
        Assert.Equal(["c", "a", "d", "b", "e"], Photos(Media("a", 2), Media("b", null), Media("c", 1), Media("d", 2), Media("e", null)).Select(photo => photo.MediaKey));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void The_first_photo_is_primary_whether_a_vendor_counts_from_0_or_from_1(int first)
    {
        var photos = Photos(Media("b", first + 1), Media("a", first));

        Assert.Equal("a", Assert.Single(photos, photo => photo.Primary).MediaKey);
    }

    [Fact]
    public void The_preferred_photo_is_primary_and_stays_in_its_place()
    {
        var photos = Photos(Media("a", 0), Media("b", 1).With("PreferredPhotoYN", true), Media("c", 2));

        Assert.Equal("b", Assert.Single(photos, photo => photo.Primary).MediaKey);
        Assert.Equal(["a", "b", "c"], photos.Select(photo => photo.MediaKey));
    }

    [Fact]
    public void Of_several_preferred_photos_the_lowest_Order_is_primary()
    {
        var photos = Photos(Media("a", 3).With("PreferredPhotoYN", "Y"), Media("b", 1).With("PreferredPhotoYN", 1), Media("c", 0));

        Assert.Equal("b", Assert.Single(photos, photo => photo.Primary).MediaKey);
    }

    [Fact]
    public void A_preferred_photo_that_may_not_be_fetched_is_not_primary()
    {
        var photos = Photos(Media("a", 0).With("PreferredPhotoYN", true).With("MediaURL", null), Media("b", 1), Media("c", 2));

        Assert.Equal("b", Assert.Single(photos, photo => photo.Primary).MediaKey);
    }

    [Fact]
    public void A_MediaKey_that_comes_twice_is_one_photo_the_larger_one()
    {
        var photo = Assert.Single(Photos(
            Media("a", 0, "https://x.example.test/small").With("ImageWidth", 320).With("ImageHeight", 240),
            Media("a", 0, "https://x.example.test/large").With("ImageWidth", 2048.0).With("ImageHeight", "1536")));

        Assert.Equal("https://x.example.test/large", photo.Url);
    }

    [Fact]
    public void Of_two_equal_rows_with_one_MediaKey_the_later_changed_one_stays()
    {
        var photo = Assert.Single(Photos(Media("a"), Media("a", url: "https://x.example.test/new").With("MediaModificationTimestamp", "2026-05-21T00:00:00Z")));

        Assert.Equal("https://x.example.test/new", photo.Url);
    }

    [Fact]
    public void Of_the_sizes_of_one_picture_the_largest_stays_in_its_place()
    {
        JsonObject Size(string picture, string size, int order) => Media($"{picture}-{size}", order).With("MediaObjectID", picture).With("ImageSizeDescription", size);

        var photos = Photos(
            Size("p1", "Thumbnail", 0), Size("p1", "Largest", 0), Size("p1", "X-Large", 0),
            Size("p2", "Large", 1), Size("p2", "Medium", 1).With("PreferredPhotoYN", true), Size("p2", "Small", 1));

        Assert.Equal(["p1-Largest", "p2-Large"], photos.Select(photo => photo.MediaKey));
        Assert.True(photos[1].Primary);
    }

    [Fact]
    public void Pixels_tell_the_largest_where_every_size_gives_them()
    {
        JsonObject Size(string size, int width) =>
            Media(size).With("MediaObjectID", "p1").With("ImageSizeDescription", size).With("ImageWidth", width).With("ImageHeight", width);

        Assert.Equal("Custom", Assert.Single(Photos(Size("Large", 1024), Size("Custom", 4000))).MediaKey);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("Large", "Large")]
    public void Rows_of_one_MediaObjectID_that_are_not_surely_sizes_stay_photos(string? one, string? other) =>
        Assert.Equal(2, Photos(
            Media("a").With("MediaObjectID", "1").With("ImageSizeDescription", one),
            Media("b").With("MediaObjectID", "1").With("ImageSizeDescription", other)).Count);
}
