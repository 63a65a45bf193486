using System.Text.Json.Nodes;
using static ImagePipeline.FeedIngest.Tests.Feeds.SomeFeed;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

public sealed class ResoMediaTests
{
    [Theory]
    [InlineData("MediaCategory", "FloorPlan")]
    [InlineData("MediaCategory", "Branded Virtual Tour")]
    [InlineData("ResourceName", "Member")]
    [InlineData("MediaStatus", "Deleted")]
    [InlineData("MediaStatus", "delete")]
    [InlineData("MediaURL", null)]
    public void A_row_that_is_no_photo_to_fetch_is_left_out(string field, string? value) => Assert.Empty(Photos(Media().With(field, value)));

    [Fact]
    public void A_row_without_MediaURL_is_left_out() => Assert.Empty(Photos(Media().Without("MediaURL")));

    [Theory]
    [InlineData("MediaCategory", "Photo")]
    [InlineData("MediaCategory", null)]
    [InlineData("ResourceName", "Property")]
    [InlineData("MediaStatus", "Updated")]
    public void A_row_that_is_a_photo_stays(string field, string? value) => Assert.Single(Photos(Media().With(field, value)));

    [Theory]
    [InlineData("\"\"", "")]
    [InlineData("\"not a url\"", "not a url")]
    [InlineData("7", "")]
    [InlineData("\"https://media.example.test/token=a%2Fb==&expires=1/x y.jpg\"", "https://media.example.test/token=a%2Fb==&expires=1/x y.jpg")]
    public void A_URL_is_kept_exactly_as_written_even_a_broken_one(string json, string url) =>
        Assert.Equal(url, Assert.Single(Photos(Media().With("MediaURL", JsonNode.Parse(json)))).Url);

    [Theory]
    [InlineData("MediaUrl")]
    [InlineData("mediaUrl")]
    [InlineData("MEDIAURL")]
    public void The_case_of_a_field_name_does_not_matter(string name) =>
        Assert.Equal("https://x.example.test/1.jpg", Assert.Single(Photos(Media().Without("MediaURL").With(name, "https://x.example.test/1.jpg"))).Url);

    [Theory]
    [InlineData("3", 3)]
    [InlineData("3.0", 3)]
    [InlineData("\"3\"", 3)]
    [InlineData("null", null)]
    [InlineData("\"first\"", null)]
    [InlineData("1e300", null)]
    public void Order_is_read_from_what_vendors_write(string json, int? order) =>
        Assert.Equal(order, Assert.Single(Photos(Media().With("Order", JsonNode.Parse(json)))).Order);

    [Theory]
    [InlineData("""["Idx","Vow"]""")]
    [InlineData("\"Idx, Vow\"")]
    public void An_enumeration_is_an_array_or_a_text(string json)
    {
        var photo = Assert.Single(Photos(Media().With("Permission", JsonNode.Parse(json)).With("MediaAlteration", JsonNode.Parse(json))));

        Assert.Equal(["Idx", "Vow"], photo.Permissions);
        Assert.Equal(["Idx", "Vow"], photo.Alteration);
    }

    [Fact]
    public void The_caption_is_the_long_description_else_the_short_one()
    {
        var photos = Photos(
            Media("P1", 0).With("LongDescription", " The kitchen\u0000 ").With("ShortDescription", "Kitchen"),
            Media("P2", 1).With("LongDescription", " ").With("ShortDescription", "Bath"),
            Media("P3", 2));

        Assert.Equal(["The kitchen", "Bath", null], photos.Select(photo => photo.Caption));
    }

    [Fact]
    public void A_MediaKey_may_be_a_number() => Assert.Equal("12", Assert.Single(Photos(Media().With("MediaKey", 12.0))).MediaKey);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void A_missing_MediaKey_is_derived_from_what_in_the_URL_identifies_the_picture(string? key)
    {
        var first = Assert.Single(Photos(Media(key, url: "https://a.example.test/1.jpg?Expires=1800000000&Signature=abc")));
        var signedAgain = Assert.Single(Photos(Media(key, url: "https://b.example.test/1.jpg?Expires=1800003600&Signature=def")));
        var another = Assert.Single(Photos(Media(key, url: "https://a.example.test/2.jpg?Expires=1800000000&Signature=abc")));

        Assert.Equal(first.MediaKey, signedAgain.MediaKey);
        Assert.NotEqual(first.MediaKey, another.MediaKey);
    }

    [Fact]
    public void The_same_URL_twice_without_keys_is_two_photos()
    {
        var keys = Photos(Media(null, 0, "https://a.example.test/1.jpg"), Media(null, 1, "https://a.example.test/1.jpg")).Select(photo => photo.MediaKey).ToList();

        Assert.Equal(keys[0] + "-2", keys[1]);
    }

    [Fact]
    public void A_MediaKey_too_long_for_a_store_is_shortened_the_same_way_each_time()
    {
        var key = new string('k', 300);

        var photo = Assert.Single(Photos(Media(key)));

        Assert.True(photo.MediaKey.Length <= 255);
        Assert.Equal(photo.MediaKey, Assert.Single(Photos(Media(key, url: "https://elsewhere.example.test/x"))).MediaKey);
    }
}
