using System.Text;
using ImagePipeline.FeedIngest.Feeds;
using static ImagePipeline.FeedIngest.Tests.Feeds.SomeFeed;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

public sealed class FeedFileTests : IDisposable
{
    readonly TempFolder _folder = new();

    [Theory]
    [InlineData("page.json")]
    [InlineData("page.ndjson")]
    [InlineData("page")]
    public async Task A_page_is_known_by_its_content_whatever_its_name(string name) =>
        Assert.Equal(["A", "B"], Keys(await Read(_folder.Write(name, Page(Property("A"), Property("B"))))));

    [Fact]
    public async Task NDJSON_is_known_by_its_content_whatever_its_name() => Assert.Equal(["A"], Keys(await Read(_folder.Write("page.json", Line("A")))));

    [Fact]
    public async Task A_single_record_in_Common_Format_is_a_listing() =>
        Assert.Equal(["A"], Keys(await Read(_folder.Write("one.json", Property("A").With("@reso.context", "urn:reso:metadata:1.7:resource:property").ToJsonString()))));

    [Fact]
    public async Task A_refused_record_harms_no_other()
    {
        var items = await Read(_folder.Write("page.json", Page(Property("A"), Property().Without("ListingKey"), Property("C"))));

        Assert.Equal(["A", "C"], Keys(items));
        Assert.Equal("record 2 of page.json", Assert.Single(items.OfType<RefusedRecord>()).Where);
    }

    [Fact]
    public async Task Nothing_of_a_page_with_broken_JSON_counts_and_the_place_is_told()
    {
        var text = "{\n\"value\": [\n" + Property("A").ToJsonString() + ",\n{\"ListingKey\": }\n]}";

        var e = await Unreadable(_folder.Write("page.json", text));

        Assert.Equal("Feed some-mls: page.json is broken JSON at line 4, byte 16.", e.Message);
    }

    [Theory]
    [InlineData("", "page.json is empty.")]
    [InlineData(" \n ", "page.json is empty.")]
    [InlineData("[]", "page.json is not a JSON object; a RESO page has its records in \"value\".")]
    [InlineData("{}", "page.json has neither a RESO page's \"value\" array nor a record's ListingKey.")]
    [InlineData("{\"value\":7}", "page.json has neither a RESO page's \"value\" array nor a record's ListingKey.")]
    [InlineData("{\"error\":{\"code\":401}}", "page.json is an error message instead of a page.")]
    [InlineData("<html>", "page.json is broken JSON at line 1, byte 1.")]
    [InlineData("{\"value\":[],\"@odata.nextLink\":7}", "page.json has an @odata.nextLink that is not a text.")]
    [InlineData("{\"value\":[],\"@odata.nextLink\":\"\\ud800\"}", "page.json has an @odata.nextLink that is not a text.")]
    public async Task What_is_no_feed_is_unreadable_in_one_sentence(string text, string why) =>
        Assert.Equal($"Feed some-mls: {why}", (await Unreadable(_folder.Write("page.json", text))).Message);

    [Fact]
    public async Task UTF_16_and_compressed_files_are_called_by_their_names()
    {
        Assert.EndsWith("is not UTF-8 text.", (await Unreadable(_folder.Write("page.json", Encoding.Unicode.GetBytes(Page())))).Message, StringComparison.Ordinal);
        Assert.EndsWith("is compressed; unpack it first.", (await Unreadable(_folder.Write("page.gz", [0x1F, 0x8B, 8, 0]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_that_is_no_UTF_8_in_a_field_we_do_not_read_does_no_harm()
    {
        var page = Encoding.Latin1.GetBytes(Page(Property("A")).Replace("Active", "Activé", StringComparison.Ordinal));

        Assert.Equal(["A"], Keys(await Read(_folder.Write("page.json", page))));
    }

    [Theory]
    [InlineData("{\"Listi\\ud800\":1,\"ListingKey\":\"A\",\"Media\":[]}")]
    [InlineData("{\"value\":[{\"Media\\ud800L\":1,\"Remarks\":\"\\ud800\",\"ListingKey\":\"A\",\"Media\":[]}]}")]
    public async Task Half_a_character_in_a_name_or_text_we_do_not_read_does_no_harm(string text) => Assert.Equal(["A"], Keys(await Read(_folder.Write("page.json", text))));

    [Fact]
    public async Task A_missing_file_and_a_folder_are_unreadable()
    {
        Assert.Equal($"Feed some-mls: the file {_folder["none.json"]} does not exist.", (await Unreadable(_folder["none.json"])).Message);
        Assert.EndsWith("is a folder, not a file.", (await Unreadable(Path.GetTempPath())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_larger_than_the_limit_names_the_setting()
    {
        var path = _folder.Write("page.json", Page(Property(new string('k', 2_000))));

        var e = await Assert.ThrowsAsync<FeedUnreadableException>(() => Read(path, new FeedReadingOptions { MaxPageBytes = 1_024 }));

        Assert.Equal("Feed some-mls: page.json is larger than 1,024 bytes (FeedIngest:Reading:MaxPageBytes).", e.Message);
    }

    [Fact]
    public async Task The_next_page_is_a_file_in_the_same_folder()
    {
        _folder.Write("page2.json", Page(Property("B")));

        Assert.Equal(["A", "B"], Keys(await Read(_folder.Write("page1.json", Page("page2.json", Property("A"))))));
    }

    [Fact]
    public async Task A_page_whose_next_page_is_on_a_server_is_read_and_the_rest_told_as_missing()
    {
        var items = new List<FeedItem>();
        var e = await Assert.ThrowsAsync<FeedUnreadableException>(async () =>
        {
            await foreach (var item in Reader().ReadAsync(
                Id, Source(_folder.Write("page.json", Page("https://api.example.test/Property?token=secret", Property("A")))), CancellationToken.None))
                items.Add(item);
        });

        Assert.Equal(["A"], Keys(items));
        Assert.Equal("Feed some-mls: page.json is one page of several, and its next page is on a server; read the feed from its URL.", e.Message);
    }

    [Theory]
    [InlineData("../page2.json")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    public async Task A_next_page_elsewhere_is_not_followed(string link) =>
        Assert.EndsWith("is no file in the same folder.", (await Unreadable(_folder.Write("page.json", Page(link)))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Pages_that_lead_in_a_circle_are_unreadable()
    {
        _folder.Write("page2.json", Page("page1.json"));

        Assert.EndsWith("page1.json leads back to a page that was read before.", (await Unreadable(_folder.Write("page1.json", Page("page2.json")))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_listing_is_found_in_a_file_by_its_last_line()
    {
        var path = _folder.Write("x.ndjson", $"{Line("A", photos: "[]")}\n{Line("B")}\n{Line("A", "other-mls")}\nbroken\n{Line("A")}\n{Line("C")}");

        var listing = await Reader().ReadListingAsync(Id, Source(path), "A", CancellationToken.None);

        Assert.Equal((Id, 1), (listing!.Feed, listing.Photos.Count));
        Assert.Null(await Reader().ReadListingAsync(Id, Source(path), "D", CancellationToken.None));
    }

    [Fact]
    public async Task One_listing_whose_record_is_refused_is_told()
    {
        var path = _folder.Write("page.json", Page(Property("A").Without("Media")));

        var e = await Assert.ThrowsAsync<FeedUnreadableException>(() => Reader().ReadListingAsync(Id, Source(path), "A", CancellationToken.None));

        Assert.Equal("Feed some-mls: record 1 of page.json: It has no Media; ask the API for $expand=Media.", e.Message);
    }

    static IEnumerable<string> Keys(List<FeedItem> items) => items.OfType<ReadListing>().Select(listing => listing.ListingKey);

    static Task<List<FeedItem>> Read(string path, FeedReadingOptions? limits = null) => Reader(limits).ReadAsync(Id, Source(path), CancellationToken.None).ToList();

    static Task<FeedUnreadableException> Unreadable(string path) => Assert.ThrowsAsync<FeedUnreadableException>(() => Read(path));

    public void Dispose() => _folder.Dispose();
}
