using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ImagePipeline.Contracts;
using ImagePipeline.SampleMls;

namespace ImagePipeline.Pipeline.Tests;

public sealed class SampleMlsFeedTests
{
    static readonly SampleMlsOptions Small = new() { Width = 32, Height = 32, Listings = 30, MeanPhotosPerListing = 12, PageSize = 7 };

    [Fact]
    public async Task The_pages_hold_every_listing_once()
    {
        await using var mls = await SampleMlsServer.StartAsync(Small);
        using var http = new HttpClient();
        var keys = new List<string>();
        string? next = new Uri(mls.Address, "Property").ToString();

        while (next is not null)
        {
            var page = await http.GetFromJsonAsync<JsonElement>(next);
            var listings = page.GetProperty("value").EnumerateArray().Select(listing => listing.GetProperty("ListingKey").GetString()!).ToList();
            Assert.InRange(listings.Count, 1, 7);
            keys.AddRange(listings);
            next = page.TryGetProperty("@odata.nextLink", out var link) ? link.GetString() : null;
        }

        Assert.Equal(mls.ListingKeys, keys);
        Assert.Equal(30, keys.Count);
    }

    [Theory]
    [InlineData("$top=3", 3)]
    [InlineData("$top=500", 20)]
    [InlineData("$top=10&$skip=25", 5)]
    [InlineData("$filter=ListingKey eq 'S1004'", 1)]
    [InlineData("$filter=ListingKey eq 'O''Hara'", 0)]
    public async Task A_page_holds_what_was_asked_for_and_no_more_than_allowed(string query, int listings)
    {
        await using var mls = await SampleMlsServer.StartAsync(Small with { MaxPageSize = 20, MeanPhotosPerListing = 0 });
        using var http = new HttpClient();

        var page = await http.GetFromJsonAsync<JsonElement>(new Uri(mls.Address, $"Property?{query}"));

        Assert.Equal(listings, page.GetProperty("value").GetArrayLength());
    }

    [Theory]
    [InlineData("$filter=City eq 'Testville'")]
    [InlineData("$top=many")]
    [InlineData("$skip=-1")]
    public async Task What_is_not_understood_is_refused(string query)
    {
        await using var mls = await SampleMlsServer.StartAsync(Small with { MeanPhotosPerListing = 0 });
        using var http = new HttpClient();

        using var response = await http.GetAsync(new Uri(mls.Address, $"Property?{query}"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_listing_says_all_that_is_known_of_its_photos()
    {
        await using var mls = await SampleMlsServer.StartAsync(Small with { PhotosPerListing = 2 });
        using var http = new HttpClient();

        var page = await http.GetFromJsonAsync<JsonElement>(new Uri(mls.Address, "Property?$filter=ListingKey eq 'S1003'"));

        var listing = page.GetProperty("value")[0];
        Assert.Equal("SMP1003", listing.GetProperty("ListingId").GetString());
        Assert.True(listing.GetProperty("MlgCanView").GetBoolean());
        Assert.Equal(2, listing.GetProperty("PhotosCount").GetInt32());
        var photo = listing.GetProperty("Media")[1];
        Assert.Equal("S1003-1", photo.GetProperty("MediaKey").GetString());
        Assert.Equal(1, photo.GetProperty("Order").GetInt32());
        Assert.Equal($"{mls.Address}photos/S1003/1.jpg", photo.GetProperty("MediaURL").GetString());
        Assert.Equal("LivingRoom", photo.GetProperty("ImageOf").GetString());
        Assert.Equal("Public", photo.GetProperty("Permission")[0].GetString());
    }

    [Fact]
    public async Task The_page_file_and_the_NDJSON_file_hold_all_listings()
    {
        await using var mls = await SampleMlsServer.StartAsync(Small);
        var folder = Directory.CreateTempSubdirectory();
        var (page, ndjson) = (Path.Combine(folder.FullName, "page.json"), Path.Combine(folder.FullName, "photos.ndjson"));

        await mls.WritePageAsync(page);
        await mls.WriteNdjsonAsync(ndjson);

        var listings = JsonDocument.Parse(await File.ReadAllBytesAsync(page)).RootElement.GetProperty("value").EnumerateArray().ToList();
        var lines = (await File.ReadAllLinesAsync(ndjson))
            .Select(line => JsonSerializer.Deserialize<ListingPhotosSubmitted>(line, JsonSerializerOptions.Web)!).ToList();
        Assert.Equal(mls.ListingKeys, listings.Select(listing => listing.GetProperty("ListingKey").GetString()));
        Assert.Equal(mls.ListingKeys, lines.Select(line => line.ListingKey));
        Assert.Equal(360, listings.Sum(listing => listing.GetProperty("Media").GetArrayLength()));
        Assert.Equal(360, lines.Sum(line => line.Photos.Count));
        Assert.Equal(["page.json", "photos.ndjson"], folder.GetFiles().Select(file => file.Name).Order());
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Some_listings_have_no_photo_and_some_have_129_and_the_mean_is_met()
    {
        await using var mls = await SampleMlsServer.StartAsync(new() { Width = 16, Height = 16, ScenesPerKind = 1 });

        var counts = mls.ListingKeys.Select(listing => mls.Photos.Count(photo => photo.StartsWith(listing + "/", StringComparison.Ordinal))).ToList();

        Assert.Equal(40 * 25, counts.Sum());
        Assert.Contains(0, counts);
        Assert.Contains(129, counts);
        Assert.Equal(129, counts.Max());
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 129)]
    [InlineData(3, 7)]
    [InlineData(40, 5160)]
    [InlineData(80, 2000)]
    [InlineData(200, 1)]
    public void The_exact_number_of_photos_is_met(int listings, int photos)
    {
        var counts = SampleMls.Listings.PhotoCounts.Draw(new() { Listings = listings, TotalPhotos = photos });

        Assert.Equal(photos, counts.Sum());
        Assert.All(counts, count => Assert.InRange(count, 0, 129));
    }
}
