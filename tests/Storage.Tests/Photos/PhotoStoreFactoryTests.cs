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
    public void A_URL_that_is_none_is_refused_in_a_sentence_without_secrets(string url, string cause)
    {
        var refused = Assert.Throws<StoreUnusableException>(() => PhotoStoreFactory.Open(new PhotoStoreOptions { Url = url }));

        Assert.Equal(
            $"The setting Store:Url (environment variable Store__Url) {cause}. It must be \"file:\" and a path, such as file:photos, "
            + "file:/var/lib/photos or file:///var/lib/photos.",
            refused.Message);
    }
}
