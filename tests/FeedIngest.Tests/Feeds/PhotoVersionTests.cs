using ImagePipeline.FeedIngest.Feeds;
using static ImagePipeline.FeedIngest.Tests.Feeds.SomeFeed;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

public sealed class PhotoVersionTests
{
    [Theory]
    [InlineData("2026-05-20T08:00:00Z", "20260520T080000000Z")]
    [InlineData("2026-05-20T08:00:00.5", "20260520T080000500Z")]
    [InlineData("2026-05-20T10:00:00+02:00", "20260520T080000000Z")]
    [InlineData("2026-05-20T08:00:00.1234567Z", "20260520T0800001234567Z")]
    public void The_version_is_the_time_the_bytes_changed(string time, string version) =>
        Assert.Equal(version, Assert.Single(Photos(Media().With("MediaModificationTimestamp", time))).Version);

    [Theory]
    [InlineData("TBD")]
    [InlineData(null)]
    public void Without_a_time_it_is_a_hash(string? time) =>
        Assert.Matches("^h-[0-9a-f]{16}$", Assert.Single(Photos(Media().With("MediaModificationTimestamp", time))).Version);

    [Theory]
    [InlineData(
        "https://a.s3.amazonaws.com/p/1.jpg?X-Amz-Algorithm=A&X-Amz-Date=20260601T120000Z&X-Amz-Expires=3600&X-Amz-Signature=one&w=2048",
        "https://b.s3.amazonaws.com/p/1.jpg?w=2048&X-Amz-Date=20260602T120000Z&X-Amz-Expires=3600&X-Amz-Signature=two&x-amz-algorithm=A")]
    [InlineData(
        "https://cdn.example.test/1.jpg?Expires=1800000000&Signature=one&Key-Pair-Id=K1",
        "https://cdn.example.test/1.jpg?Expires=1800003600&Signature=two&Key-Pair-Id=K2")]
    [InlineData(
        "https://x.blob.core.windows.net/p/1.jpg?sv=2024-01-01&se=2026-06-01T12%3A00%3A00Z&sr=b&sp=r&sig=one",
        "https://x.blob.core.windows.net/p/1.jpg?sv=2025-01-01&se=2026-06-02T12%3A00%3A00Z&sr=b&sp=r&sig=two")]
    [InlineData(
        "https://media.example.test/token=one&expires=1800000000&id=11/images/ABC1/0f.jpeg",
        "https://media.example.test/token=two&expires=1800003600&id=12/images/ABC1/0f.jpeg")]
    [InlineData("https://api.example.test/1.jpg?access_token=one", "https://api.example.test/1.jpg?access_token=two")]
    [InlineData("https://old.example.test/1.jpg#top", "http://new.example.test:8080/1.jpg")]
    public void A_URL_signed_again_or_moved_to_another_host_keeps_key_and_version(string before, string after)
    {
        var one = Unversioned(before);
        var other = Unversioned(after);

        Assert.Equal((one.MediaKey, one.Version), (other.MediaKey, other.Version));
    }

    [Theory]
    [InlineData("https://a.example.test/1.jpg", "https://a.example.test/2.jpg")]
    [InlineData("https://a.example.test/photo?id=1&token=x", "https://a.example.test/photo?id=2&token=x")]
    [InlineData("https://a.example.test/1.jpg?v=1", "https://a.example.test/1.jpg?v=2")]
    [InlineData("https://a.example.test/1.jpg?sr=1", "https://a.example.test/1.jpg?sr=2")]
    [InlineData("not a url", "not a url either")]
    public void A_URL_to_other_bytes_has_another_version(string before, string after) => Assert.NotEqual(Unversioned(before).Version, Unversioned(after).Version);

    [Fact]
    public void Other_dimensions_are_another_version() =>
        Assert.NotEqual(
            Assert.Single(Photos(Media().Without("MediaModificationTimestamp").With("ImageWidth", 1024))).Version,
            Assert.Single(Photos(Media().Without("MediaModificationTimestamp").With("ImageWidth", 2048))).Version);

    [Fact]
    public void A_feed_may_name_lease_parameters_of_its_own()
    {
        string Version(string url) =>
            Assert.Single(Listing(Property("ABC1", Media(url: url).Without("MediaModificationTimestamp")), "Ticket").Photos).Version;

        Assert.Equal(Version("https://a.example.test/1.jpg?ticket=1"), Version("https://a.example.test/1.jpg?ticket=2"));
    }

    [Fact]
    public void A_caption_or_order_alone_changes_no_version() =>
        Assert.Equal(
            Assert.Single(Photos(Media().Without("MediaModificationTimestamp"))).Version,
            Assert.Single(Photos(Media(order: 7).Without("MediaModificationTimestamp").With("LongDescription", "New"))).Version);

    [Theory]
    [InlineData("https://cdn.example.test/1.jpg?Expires=1800000000&Signature=s", "2027-01-15T08:00:00Z")]
    [InlineData("https://media.example.test/token=one&expires=1800000000&id=11/images/ABC1/0f.jpeg", "2027-01-15T08:00:00Z")]
    [InlineData("https://a.example.test/1.jpg?X-Amz-Date=20260601T120000Z&X-Amz-Expires=3600", "2026-06-01T13:00:00Z")]
    [InlineData("https://a.example.test/1.jpg?X-Goog-Date=20260601T120000Z&X-Goog-Expires=60", "2026-06-01T12:01:00Z")]
    [InlineData("https://a.example.test/1.jpg?se=2026-06-01T12%3A00%3A00Z&sig=s", "2026-06-01T12:00:00Z")]
    [InlineData("https://a.example.test/1.jpg?Expires=never", null)]
    [InlineData("https://a.example.test/1.jpg?Expires=99999999999999999999", null)]
    [InlineData("https://a.example.test/1.jpg?X-Amz-Date=99991231T235959Z&X-Amz-Expires=2147483647", null)]
    [InlineData("https://a.example.test/expires=1800000000", "2027-01-15T08:00:00Z")]
    [InlineData("https://a.example.test/1.jpg", null)]
    public void The_expiry_is_read_where_the_URL_says_it_plainly(string url, string? expiresAt) =>
        Assert.Equal(
            expiresAt is null ? null : DateTimeOffset.Parse(expiresAt, System.Globalization.CultureInfo.InvariantCulture),
            PhotoUrl.Read(url, LeaseParameters.With([])).ExpiresAt);

    static ReadPhoto Unversioned(string url) => Assert.Single(Photos(Media(null, url: url).Without("MediaModificationTimestamp")));
}
