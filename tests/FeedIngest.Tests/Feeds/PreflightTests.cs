using ImagePipeline.ServiceDefaults;
using static ImagePipeline.FeedIngest.Tests.Feeds.SomeFeed;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

public sealed class PreflightTests : IDisposable
{
    readonly TempFolder _folder = new();

    [Fact]
    public async Task A_readable_file_and_a_URL_pass()
    {
        Assert.Null(await Preflight(Source(_folder.Write("page.json", Page(Property())))));
        Assert.Null(await Preflight(Source("https://api.example.test/Property?$expand=Media")));
    }

    [Fact]
    public async Task A_missing_file_is_told() =>
        Assert.Equal($"Feed some-mls: the file {_folder["none.json"]} does not exist.", await Preflight(Source(_folder["none.json"])));

    [Theory]
    [InlineData("", "it has no Source, a file or an http(s) URL.")]
    [InlineData("ftp://example.test/page.json", "its Source is neither a file nor an http(s) URL.")]
    [InlineData("https://", "its Source is neither a file nor an http(s) URL.")]
    [InlineData("https://user:secret@example.test/", "its Source has a user in the URL; credentials belong into the feed's Headers.")]
    public async Task A_source_that_can_be_none_is_told_without_its_secrets(string source, string why) =>
        Assert.Equal($"Feed some-mls: {why}", await Preflight(Source(source)));

    [Theory]
    [InlineData("X Api Key", "secret")]
    [InlineData("X-Api-Key", "sec\nret")]
    [InlineData("X-Api-Key", "sécret")]
    [InlineData("Content-Type", "application/json")]
    public async Task A_header_that_cannot_be_sent_is_told_without_its_value(string name, string value) =>
        Assert.Equal(
            $"Feed some-mls: its header {name} cannot be sent with a request.",
            await Preflight(new FeedOptions { Source = "https://api.example.test/Property", Headers = { [name] = value } }));

    static Task<string?> Preflight(FeedOptions options) => Reader().PreflightAsync(Id, options, CancellationToken.None);

    public void Dispose() => _folder.Dispose();
}
