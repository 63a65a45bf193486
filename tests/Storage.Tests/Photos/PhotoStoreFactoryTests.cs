using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Storage.Tests.Photos;

public sealed class PhotoStoreFactoryTests
{
    [Theory]
    [InlineData("file:")]
    [InlineData("file://")]
    [InlineData("FILE:")]
    public async Task Opens_the_folder_of_a_file_URL(string scheme)
    {
        using var folder = new TempFolder();
        var store = PhotoStoreFactory.Open(new PhotoStoreOptions { Url = scheme + folder["a b"] });
        using var closing = (IDisposable)store;

        await store.CheckAsync(TestContext.Current.CancellationToken);

        Assert.True(Directory.Exists(folder["a b"]));
    }

    [Fact]
    public void Opening_touches_nothing()
    {
        using var store = (IDisposable)PhotoStoreFactory.Open(new PhotoStoreOptions { Url = "file:not-made" });

        Assert.False(Directory.Exists("not-made"));
    }

    [Theory]
    [InlineData("photos", "names no kind of store")]
    [InlineData("", "names no kind of store")]
    [InlineData("ftp://user:secret@host/photos", "names a kind of store that is not known, \"ftp\"")]
    [InlineData("file://host/photos", "names a host, and a file store is on this machine")]
    [InlineData("file:", "names no folder")]
    [InlineData("s3:bucket", "names no bucket")]
    [InlineData("s3://", "names no bucket: 3 to 63 of a-z, 0-9, \"-\" and \".\"")]
    [InlineData("s3://Bucket", "names no bucket: 3 to 63 of a-z, 0-9, \"-\" and \".\"")]
    [InlineData("s3://key:secret@bucket", "has a user, a query or a fragment in it, and only bucket and prefix belong there")]
    [InlineData("s3://bucket?endpoint=x", "has a user, a query or a fragment in it, and only bucket and prefix belong there")]
    [InlineData("s3://bucket/a//b", PrefixRefused)]
    [InlineData("s3://bucket/../b", PrefixRefused)]
    [InlineData("s3://bucket/a b", PrefixRefused)]
    public void A_URL_that_is_none_is_refused_in_a_sentence_without_secrets(string url, string cause)
    {
        var refused = Assert.Throws<StoreUnusableException>(() => PhotoStoreFactory.Open(new PhotoStoreOptions { Url = url }));

        Assert.Equal(
            $"The setting Store:Url (environment variable Store__Url) {cause}. It must be \"file:\" and a path, such as file:photos, "
            + "file:/var/lib/photos or file:///var/lib/photos, or \"s3://\", a bucket and maybe a prefix, such as s3://bucket or s3://bucket/photos.",
            refused.Message);
    }

    [Fact]
    public void Opening_a_bucket_asks_nobody()
    {
        using var store = (IDisposable)PhotoStoreFactory.Open(new PhotoStoreOptions { Url = "s3://bucket/photos", Region = "eu-central-1" });

        Assert.IsType<S3PhotoStore>(store);
    }

    [Theory]
    [InlineData("minio:9000")]
    [InlineData("ftp://minio")]
    [InlineData("https://key:secret@minio")]
    [InlineData("https://minio/?x=1")]
    public void An_endpoint_that_is_none_is_refused_without_repeating_it(string url)
    {
        var options = new PhotoStoreOptions { Endpoint = url, PublicBaseUrl = url };

        var refused = options.Validate(new(options)).Select(failure => failure.ErrorMessage!).ToList();

        Assert.Equal(2, refused.Count);
        Assert.StartsWith("Store:Endpoint (environment variable Store__Endpoint) is not usable; accepted is an http or https URL", refused[0], StringComparison.Ordinal);
        Assert.DoesNotContain(refused, sentence => sentence.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://cdn.example.com", "https://cdn.example.com/originals/feed/L%252F1/p/v")]
    [InlineData("https://cdn.example.com/photos/", "https://cdn.example.com/photos/originals/feed/L%252F1/p/v")]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void The_public_URL_of_an_object_is_its_key_below_the_base_escaped(string? baseUrl, string? url) =>
        Assert.Equal(url, new PhotoStoreOptions { PublicBaseUrl = baseUrl }.PublicUrlOf(StoreKeys.Original("feed", "L/1", "p", "v")));

    const string PrefixRefused =
        "has a prefix that is none: up to 200 of A-Z, a-z, 0-9, \"-\", \"_\", \".\", \"~\" in parts that do not start with a dot";
}
