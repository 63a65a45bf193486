using System.Text.Json.Nodes;
using ImagePipeline.FeedIngest.Feeds;
using static ImagePipeline.FeedIngest.Tests.Feeds.SomeFeed;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

public sealed class ResoPropertyTests
{
    [Fact]
    public void A_record_becomes_a_listing_of_the_configured_feed()
    {
        var listing = Listing(Property("ABC1", Media()));

        Assert.Equal((Id, "ABC1", "MLS-1"), (listing.Feed, listing.ListingKey, listing.ListingId));
        Assert.Null(listing.Withdrawn);
        Assert.Equal("P1", Assert.Single(listing.Photos).MediaKey);
    }

    [Fact]
    public void A_record_without_ListingKey_is_refused_by_its_position_and_ListingId()
    {
        var refusal = Refusal(Property().Without("ListingKey"));

        Assert.Equal("record 17 of page.json", refusal.Where);
        Assert.Equal("It has no ListingKey. Its ListingId is MLS-1.", refusal.Why);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("\"  \"")]
    [InlineData("true")]
    [InlineData("[\"ABC1\"]")]
    [InlineData("\"A\\u0000B\"")]
    [InlineData("\"half a pair \\ud800\"")]
    public void A_ListingKey_that_is_none_is_refused(string json)
    {
        using var document = System.Text.Json.JsonDocument.Parse($$"""{"ListingKey":{{json}},"Media":[]}""");

        Assert.IsType<RefusedRecord>(ResoProperty.Read(document.RootElement, Id, LeaseParameters.With([]), "here"));
    }

    [Fact]
    public void A_ListingKey_of_256_characters_is_refused() =>
        Assert.Equal("Its ListingKey is longer than 255 characters. Its ListingId is MLS-1.", Refusal(Property(new string('k', 256))).Why);

    [Theory]
    [InlineData("425033768", "425033768")]
    [InlineData("425033768.0", "425033768")]
    [InlineData("\"https://mls.example.test/listing/7?a=b\"", "https://mls.example.test/listing/7?a=b")]
    public void A_ListingKey_may_be_a_number_or_a_URI(string json, string key) =>
        Assert.Equal(key, Listing(Property().With("ListingKey", JsonNode.Parse(json))).ListingKey);

    [Fact]
    public void Empty_Media_is_a_listing_without_photos() => Assert.Empty(Listing(Property()).Photos);

    [Fact]
    public void Absent_Media_is_refused_and_not_taken_for_no_photos()
    {
        var refusal = Refusal(Property("ABC1").Without("Media"));

        Assert.Equal("It has no Media; ask the API for $expand=Media.", refusal.Why);
        Assert.Equal("ABC1", refusal.ListingKey);
    }

    [Fact]
    public void Null_Media_is_refused_too() => Assert.Contains("$expand=Media", Refusal(Property().With("Media", null)).Why, StringComparison.Ordinal);

    [Fact]
    public void Absent_Media_with_a_PhotosCount_of_zero_is_a_listing_without_photos() =>
        Assert.Empty(Listing(Property().Without("Media").With("PhotosCount", 0)).Photos);

    [Fact]
    public void Media_of_which_the_API_gave_the_first_part_only_is_refused() =>
        Assert.Contains("first part", Refusal(Property("ABC1", Media()).With("Media@odata.nextLink", "https://api.example.test/next")).Why, StringComparison.Ordinal);

    [Theory]
    [InlineData("{}", "Its Media is not an array.")]
    [InlineData("\"none\"", "Its Media is not an array.")]
    [InlineData("[{\"MediaKey\":\"1\"},7]", "Item 2 of its Media is not a JSON object.")]
    public void Media_of_another_shape_is_refused(string media, string why) =>
        Assert.Equal(why, Refusal(Property().With("Media", JsonNode.Parse(media))).Why);

    [Theory]
    [InlineData("MlgCanView", "false", "The feed says MlgCanView false.")]
    [InlineData("StandardStatus", "\"Delete\"", "The feed says StandardStatus Delete.")]
    [InlineData("StandardStatus", "\"deleted\"", "The feed says StandardStatus Delete.")]
    [InlineData("MlsStatus", "\"Deleted\"", "The feed says MlsStatus Delete.")]
    [InlineData("InternetEntireListingDisplayYN", "false", "The feed says InternetEntireListingDisplayYN false.")]
    public void A_withdrawn_listing_says_by_what(string field, string value, string why)
    {
        var listing = Listing(Property("ABC1", Media()).With(field, JsonNode.Parse(value)));

        Assert.Equal(why, listing.Withdrawn);
        Assert.Empty(listing.Photos);
    }

    [Fact]
    public void A_tombstone_needs_no_Media() =>
        Assert.NotNull(Listing(new JsonObject { ["ListingKey"] = "ABC1", ["MlgCanView"] = false }).Withdrawn);

    [Theory]
    [InlineData("Withdrawn")]
    [InlineData("Expired")]
    [InlineData("Closed")]
    public void A_listing_off_the_market_is_not_withdrawn_from_us(string status) => Assert.Null(Listing(Property().With("StandardStatus", status)).Withdrawn);

    [Theory]
    [InlineData("2026-06-01T12:00:00Z", "2026-06-02T12:00:00Z", "2026-06-02T12:00:00Z")]
    [InlineData("2026-06-03T12:00:00Z", "2026-06-02T12:00:00Z", "2026-06-03T12:00:00Z")]
    [InlineData("2026-06-03T12:00:00", null, "2026-06-03T12:00:00Z")]
    [InlineData("2026-06-03 12:00:00.5", null, "2026-06-03T12:00:00.5Z")]
    [InlineData("2026-06-03T12:00:00.123456789+02:00", "TBD", "2026-06-03T10:00:00.1234567Z")]
    [InlineData("2026-06-03T12:00:00-0500", null, "2026-06-03T17:00:00Z")]
    [InlineData("2026-06-03", null, "2026-06-03T00:00:00Z")]
    [InlineData(null, null, "1970-01-01T00:00:00Z")]
    public void ChangedAt_is_the_later_timestamp_in_UTC(string? modified, string? photosChanged, string changedAt)
    {
        var listing = Listing(Property().With("ModificationTimestamp", modified).With("PhotosChangeTimestamp", photosChanged));

        Assert.Equal(DateTimeOffset.Parse(changedAt, System.Globalization.CultureInfo.InvariantCulture), listing.ChangedAt);
        Assert.Equal(TimeSpan.Zero, listing.ChangedAt.Offset);
    }
}
