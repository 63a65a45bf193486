using System.Text.Json;
using System.Text.RegularExpressions;
using ImagePipeline.Contracts;
using ImagePipeline.Gallery;

namespace ImagePipeline.Pipeline.Tests;

public sealed partial class GalleryTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    string Store => Path.Combine(_folder, "my store");

    [Fact]
    public async Task Every_link_leads_to_a_file_of_the_store()
    {
        var listing = Listing("http://mls/L 1", 3);
        await SaveAsync(listing);
        foreach (var rendition in listing.Photos.SelectMany(photo => photo.Renditions)) Touch(rendition.Key);

        var html = await WriteAsync(Path.Combine(_folder, "site", "index.html"));

        var links = Links().Matches(html).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(6, links.Count);
        Assert.All(links, link => Assert.True(File.Exists(Path.Combine(_folder, "site", Uri.UnescapeDataString(link))), link));
    }

    [Fact]
    public async Task A_photo_is_a_small_lazy_picture_that_leads_to_the_large_one()
    {
        await SaveAsync(Listing("L1", 1));

        var html = await WriteAsync(Path.Combine(_folder, "index.html"));

        Assert.Matches("""<a href="my%20store/[^"]*/w1600\.jpg"><img loading="lazy" src="my%20store/[^"]*/w320\.jpg""", html);
        Assert.Matches("""srcset="[^"]*w320\.jpg 320w, [^"]*w640\.jpg 640w, [^"]*w1600\.jpg 1600w" """.TrimEnd(), html);
        Assert.Contains("width=\"320\" height=\"240\" alt=\"Photo 0\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_width_is_offered_once_when_the_photo_is_smaller_than_the_profile()
    {
        var listing = Listing("L1", 1);
        StoredRendition[] renditions = [Rendition("a/w1600.jpg", 500), Rendition("a/w640.jpg", 500), Rendition("a/w320.jpg", 320)];
        await SaveAsync(listing with { Photos = [listing.Photos[0] with { Renditions = renditions }] });

        var html = await WriteAsync(Path.Combine(_folder, "index.html"));

        Assert.Single(Regex.Matches(html, " 500w"));
    }

    [Fact]
    public async Task A_missing_photo_is_shown_with_its_reason_and_sentence()
    {
        await SaveAsync(Listing("L1", 1) with { Complete = false, Missing = [Missing("It is <html>, not a picture.")] });

        var html = await WriteAsync(Path.Combine(_folder, "index.html"));

        Assert.Contains("Rejected: NotAnImage", html, StringComparison.Ordinal);
        Assert.Contains("It is &lt;html&gt;, not a picture.", html, StringComparison.Ordinal);
        Assert.Contains("<span class=\"badge bad\">incomplete</span>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_from_a_feed_becomes_markup()
    {
        const string Attack = "\"><script>alert('x')</script>";
        var listing = Listing(Attack, 1);
        await SaveAsync(listing with
        {
            Feed = Attack,
            ListingId = Attack,
            Photos = [listing.Photos[0] with { Caption = Attack, Copyright = Attack, Alteration = [Attack], Renditions = [Rendition(Attack, 320)] }],
            Missing = [Missing(Attack)],
        });

        var html = await WriteAsync(Path.Combine(_folder, "index.html"));

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_header_counts_listings_and_photos()
    {
        await SaveAsync(Listing("L1", 2));
        await SaveAsync(Listing("L2", 3) with { Complete = false, Missing = [Missing("Gone.")] });

        var html = await WriteAsync(Path.Combine(_folder, "index.html"));

        Assert.Contains("<b>2</b> listings", html, StringComparison.Ordinal);
        Assert.Contains("<b>1</b> complete", html, StringComparison.Ordinal);
        Assert.Contains("<b>5</b> photos", html, StringComparison.Ordinal);
        Assert.Contains("<b>1</b> missing", html, StringComparison.Ordinal);
        Assert.True(html.IndexOf("L1", StringComparison.Ordinal) < html.IndexOf("L2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_page_needs_nothing_from_elsewhere()
    {
        await SaveAsync(Listing("L1", 1));

        var html = await WriteAsync(Path.Combine(_folder, "index.html"));

        Assert.DoesNotMatch("(src|href)=\"(https?:|//)|@import|url\\(", html);
    }

    [Fact]
    public async Task A_store_without_an_announcement_is_an_empty_page()
    {
        Directory.CreateDirectory(Store);

        Assert.Contains("No listing was announced yet.", await WriteAsync(Path.Combine(_folder, "index.html")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_that_cannot_be_read_is_named()
    {
        Touch("manifests/demo/L1/latest.json");

        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => StoreFolder.ReadAsync(Store));

        Assert.Contains(Path.Combine("L1", "latest.json"), refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    async Task<string> WriteAsync(string output)
    {
        await Page.WriteAsync(await StoreFolder.ReadAsync(Store), Store, output);
        return await File.ReadAllTextAsync(output);
    }

    async Task SaveAsync(PhotosReady listing)
    {
        var file = Path.Combine(Store, "manifests", "demo", Uri.EscapeDataString(listing.ListingKey), "latest.json");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(listing, JsonSerializerOptions.Web));
    }

    void Touch(string key)
    {
        var file = Path.Combine(Store, key);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "");
    }

    static PhotosReady Listing(string key, int photos)
    {
        var listing = Identity.ListingUid("demo", key);
        var ready = Enumerable.Range(0, photos).Select(i => Photo(listing, key, i)).ToList();
        return new PhotosReady
        {
            Feed = "demo",
            ListingKey = key,
            ListingUid = listing,
            ListingId = "MLS1",
            Generation = 1,
            Announcement = 1,
            Complete = true,
            Final = true,
            Primary = ready.FirstOrDefault()?.PhotoId,
            Photos = ready,
            Missing = [],
            ManifestKey = $"manifests/demo/{Uri.EscapeDataString(key)}/1.json",
            ChangedAt = DateTimeOffset.UnixEpoch,
            ReadyAt = DateTimeOffset.UnixEpoch,
        };
    }

    static ReadyPhoto Photo(Guid listing, string key, int number)
    {
        var folder = $"renditions/demo/{Uri.EscapeDataString(key)}/{number}/v1/web-1234";
        return new ReadyPhoto
        {
            PhotoId = Identity.PhotoId(listing, $"{number}"),
            MediaKey = $"{number}",
            Version = "v1",
            Outdated = false,
            Caption = $"Photo {number}",
            Kind = "Photo",
            Alteration = [],
            Permissions = [],
            Copyright = null,
            Sha256 = new string('0', 64),
            Original = Rendition($"originals/{number}", 1600),
            Renditions = [Rendition($"{folder}/w1600.jpg", 1600), Rendition($"{folder}/w640.jpg", 640), Rendition($"{folder}/w320.jpg", 320)],
        };
    }

    static StoredRendition Rendition(string key, int width) =>
        new() { Name = $"w{width}", Key = key, Width = width, Height = width * 3 / 4, Bytes = width * 100, ContentType = "image/jpeg" };

    static MissingPhoto Missing(string detail) => new()
    {
        PhotoId = Guid.Empty,
        MediaKey = "9",
        Version = "v1",
        Reason = MissingReason.Rejected,
        Rejection = PhotoRejection.NotAnImage,
        Detail = detail,
        WillBeRetried = false,
    };

    [GeneratedRegex("(?:href|src)=\"([^\"]*)\"")]
    private static partial Regex Links();
}
