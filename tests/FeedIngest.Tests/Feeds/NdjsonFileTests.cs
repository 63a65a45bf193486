using System.Text;
using ImagePipeline.FeedIngest.Feeds;
using static ImagePipeline.FeedIngest.Tests.Feeds.SomeFeed;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

public sealed class NdjsonFileTests : IDisposable
{
    readonly TempFolder _folder = new();

    [Fact]
    public async Task Each_line_is_a_listing_of_its_own_feed()
    {
        var items = await Read($"{Line("A", "one-mls")}\n{Line("B", "other-mls")}");

        Assert.Equal([("one-mls", "A"), ("other-mls", "B")], items.Cast<ReadListing>().Select(listing => (listing.Feed, listing.ListingKey)));
    }

    [Fact]
    public async Task Blank_lines_carriage_returns_and_a_byte_order_mark_do_no_harm()
    {
        var items = await Read($"\uFEFF{Line("A")}\r\n\r\n  \n{Line("B")}\r\n");

        Assert.Equal(["A", "B"], items.Cast<ReadListing>().Select(listing => listing.ListingKey));
    }

    [Fact]
    public async Task A_broken_line_is_refused_and_the_rest_goes_on()
    {
        var items = await Read($"{Line("A")}\n{Line("B")[..40]}\n{Line("C")}\n");

        Assert.Equal(["A", "C"], items.OfType<ReadListing>().Select(listing => listing.ListingKey));
        var refusal = Assert.Single(items.OfType<RefusedRecord>());
        Assert.Equal("line 2 of listings.ndjson", refusal.Where);
        Assert.Matches("^It is broken JSON at byte [0-9]+\\.$", refusal.Why);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("{\"feed\":")]
    [InlineData("{\"feed\":\"some-mls\",\"listi")]
    public async Task A_broken_first_line_is_refused_like_any_other(string first)
    {
        var items = await Read($"{first}\n{Line("B")}\n");

        Assert.Equal("line 1 of listings.ndjson", Assert.IsType<RefusedRecord>(items[0]).Where);
        Assert.Equal("B", Assert.IsType<ReadListing>(items[1]).ListingKey);
    }

    [Theory]
    [InlineData("[1]", "It is not a JSON object.")]
    [InlineData("{\"feed\":\"f\",\"listingKey\":\"A\"}", "It has no changedAt and no photos.")]
    [InlineData("{\"feed\":\"f\",\"listingKey\":\"A\",\"changedAt\":null,\"photos\":[]}", "It has no changedAt.")]
    [InlineData("{\"feed\":\"f\",\"listingKey\":\"A\",\"changedAt\":\"TBD\",\"photos\":[]}", "Its changedAt has a value of the wrong kind.")]
    [InlineData("{\"feed\":\"F!\",\"listingKey\":\"A\",\"changedAt\":\"2026-06-01\",\"photos\":[]}", "Its feed must be ")]
    [InlineData("{\"feed\":\"f\",\"listingKey\":\"A\",\"changedAt\":\"2026-06-01\",\"photos\":[{\"key\":\"1\"}]}", "Its photos[0] has no url, or is no photo.")]
    [InlineData("{\"feed\":\"f\",\"listingKey\":\"A\",\"changedAt\":\"2026-06-01\",\"photos\":[{\"url\":\"u\",\"order\":\"x\"}]}", "Its photos[0].order has a value of the wrong kind.")]
    [InlineData("{\"feed\":\"f\",\"listingKey\":\"\\ud800\",\"changedAt\":\"2026-06-01\",\"photos\":[]}", "Its listingKey has a value of the wrong kind.")]
    public async Task A_line_that_is_no_submission_is_refused_with_a_sentence(string line, string why)
    {
        var items = await Read($"{Line("A")}\n{line}\n");

        Assert.StartsWith(why, Assert.IsType<RefusedRecord>(items[1]).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_without_a_zone_is_UTC()
    {
        var line = Line("A", photos: """[{"url":"u","modifiedAt":"2026-05-20T08:00:00"}]""").Replace("12:00:00Z", "12:00:00", StringComparison.Ordinal);

        var listing = Assert.IsType<ReadListing>(Assert.Single(await Read(line)));

        Assert.Equal(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero), listing.ChangedAt);
        Assert.Equal("20260520T080000000Z", listing.Photos[0].Version);
    }

    [Fact]
    public async Task A_line_longer_than_the_limit_is_refused_and_the_rest_goes_on()
    {
        var items = await Read($"{Line("A")}\n{Line(new string('b', 1_000_000))}\n{Line("C")}", new FeedReadingOptions { MaxLineBytes = 2_000 });

        Assert.Equal(["A", "C"], items.OfType<ReadListing>().Select(listing => listing.ListingKey));
        var refusal = Assert.Single(items.OfType<RefusedRecord>());
        Assert.Equal(("line 2 of listings.ndjson", "It is longer than 2,000 bytes (FeedIngest:Reading:MaxLineBytes)."), (refusal.Where, refusal.Why));
    }

    [Fact]
    public async Task A_last_line_longer_than_the_limit_is_refused()
    {
        var items = await Read($"{Line("A")}\n{Line(new string('b', 1_000_000))}", new FeedReadingOptions { MaxLineBytes = 2_000 });

        Assert.Equal("line 2 of listings.ndjson", Assert.IsType<RefusedRecord>(items[1]).Where);
    }

    [Fact]
    public async Task Lines_keep_their_numbers_through_a_long_file()
    {
        var text = new StringBuilder();
        for (var i = 1; i <= 5_000; i++) text.Append(i % 1_000 == 0 ? "broken" : Line($"K{i}")).Append('\n');

        var items = await Read(text.ToString());

        Assert.Equal(5_000, items.Count);
        Assert.Equal(
            Enumerable.Range(1, 5).Select(thousand => $"line {thousand}000 of listings.ndjson"), items.OfType<RefusedRecord>().Select(refused => refused.Where));
    }

    [Fact]
    public async Task A_listing_written_over_several_lines_is_told_for_the_whole_file()
    {
        var e = await Assert.ThrowsAsync<FeedUnreadableException>(() => Read("{\n  \"feed\": \"some-mls\",\n  \"listingKey\": \"A\"\n}\n"));

        Assert.Equal("Feed some-mls: listings.ndjson has a listing written over several lines; NDJSON has each listing on one line.", e.Message);
    }

    Task<List<FeedItem>> Read(string text, FeedReadingOptions? limits = null) =>
        Reader(limits).ReadAsync(Id, Source(_folder.Write("listings.ndjson", text)), CancellationToken.None).ToList();

    public void Dispose() => _folder.Dispose();
}
