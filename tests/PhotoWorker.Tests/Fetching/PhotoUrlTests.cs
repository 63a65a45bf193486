using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Fetching;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

public sealed class PhotoUrlTests
{
    [Theory]
    [InlineData("/token=aZ-_~&expires=1790000000&id=4/images/K1/u.jpeg")]
    [InlineData("/a%2Fb%7Ec%2fd%c3%bc/x.jpg?sig=%2B+%20&y=a%zz")]
    [InlineData("/a/../b/./c//d")]
    [InlineData("/a\\b|c^{d}\"`<>")]
    [InlineData("/a?x=http://other/y?z")]
    public void Path_and_query_stay_as_written(string written) =>
        Assert.Equal(written, PhotoUrl.Parse("https://media.example.com" + written).PathAndQuery);

    [Theory]
    [InlineData("http://h/a b.jpg", "/a%20b.jpg")]
    [InlineData("http://h/häuser/日.jpg", "/h%C3%A4user/%E6%97%A5.jpg")]
    [InlineData("http://h/a#top", "/a")]
    [InlineData("http://h", "/")]
    [InlineData("http://h?a=1", "/?a=1")]
    [InlineData("http://h#x", "/")]
    [InlineData("  http://h/a  ", "/a")]
    [InlineData("HTTPS://H/A", "/A")]
    public void What_no_request_line_may_hold_is_mended(string written, string sent) => Assert.Equal(sent, PhotoUrl.Parse(written).PathAndQuery);

    [Theory]
    [InlineData("")]
    [InlineData("photo.jpg")]
    [InlineData("/photo.jpg")]
    [InlineData("//host/photo.jpg")]
    [InlineData("http:/host/photo.jpg")]
    [InlineData("http://")]
    [InlineData("http:///photo.jpg")]
    [InlineData("http://host:99999/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://host/photo.jpg")]
    [InlineData("data:image/png;base64,AA==")]
    [InlineData("http://user:secret@host/photo.jpg")]
    [InlineData("http://user@host/photo.jpg")]
    [InlineData("http://public.example\\@127.0.0.1/photo.jpg")]
    [InlineData("http://host/a\r\nX-Injected: 1")]
    [InlineData("http://host/a\tb")]
    public void What_is_not_an_absolute_http_address_is_rejected(string written)
    {
        var rejected = Assert.Throws<RejectedException>(() => PhotoUrl.Parse(written));

        Assert.Equal(PhotoRejection.InvalidUrl, rejected.Reason);
        Assert.DoesNotContain("secret", rejected.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0177.0.0.01/")]
    [InlineData("http://127.1/")]
    public void Disguised_addresses_are_seen_as_what_they_are(string written) => Assert.Equal("127.0.0.1", PhotoUrl.Parse(written).IdnHost);

    [Theory]
    [InlineData("https://cdn.example/p%7E?q", "https://cdn.example/p%7E?q")]
    [InlineData("//cdn.example/p", "http://cdn.example/p")]
    [InlineData("/q%2F=?z", "http://h:81/q%2F=?z")]
    [InlineData("next%7E.jpg", "http://h:81/a/next%7E.jpg")]
    [InlineData("../up.jpg", "http://h:81/up.jpg")]
    [InlineData("../../../up.jpg?a/../b", "http://h:81/up.jpg?a/../b")]
    [InlineData("./", "http://h:81/a/")]
    [InlineData("?other", "http://h:81/a/b%7E?other")]
    [InlineData("/Ã¼.jpg", "http://h:81/%C3%BC.jpg")]
    [InlineData("/x#frag", "http://h:81/x")]
    public void Redirects_are_followed_as_written(string location, string to)
    {
        var from = PhotoUrl.Parse("http://h:81/a/b%7E?x=1");

        var next = PhotoUrl.Follow(from, location);

        Assert.Equal(to, $"{next.Scheme}://{next.Authority}{next.PathAndQuery}");
    }

    [Theory]
    [InlineData(null, PhotoRejection.TooManyRedirects)]
    [InlineData("", PhotoRejection.TooManyRedirects)]
    [InlineData("http://", PhotoRejection.TooManyRedirects)]
    [InlineData("http://user@h/", PhotoRejection.TooManyRedirects)]
    [InlineData("file:///etc/passwd", PhotoRejection.AddressRefused)]
    [InlineData("ftp://h/x", PhotoRejection.AddressRefused)]
    [InlineData("gopher://127.0.0.1:6379/x", PhotoRejection.AddressRefused)]
    public void Redirects_to_no_web_address_are_rejected(string? location, PhotoRejection reason)
    {
        var rejected = Assert.Throws<RejectedException>(() => PhotoUrl.Follow(PhotoUrl.Parse("http://h/a"), location));

        Assert.Equal(reason, rejected.Reason);
    }

    [Theory]
    [InlineData("http://h/a", "http://h/b", true)]
    [InlineData("http://h/a", "https://h/b", true)]
    [InlineData("https://h/a", "https://h/b", true)]
    [InlineData("https://h/a", "http://h/b", false)]
    [InlineData("https://h/a", "https://h.evil/b", false)]
    [InlineData("https://h/a", "https://sub.h/b", false)]
    [InlineData("https://h/a", "https://h:8443/b", false)]
    [InlineData("http://h:81/a", "http://h:82/b", false)]
    public void Secrets_are_shared_with_the_same_host_only(string first, string next, bool shared) =>
        Assert.Equal(shared, PhotoUrl.MayShareSecrets(PhotoUrl.Parse(first), PhotoUrl.Parse(next)));
}
