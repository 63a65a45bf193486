using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ImagePipeline.SampleMls;

namespace ImagePipeline.Pipeline.Tests;

public sealed class SampleMlsChangeTests
{
    static readonly SampleMlsOptions Small = new() { Width = 32, Height = 32, Listings = 3, PhotosPerListing = 3 };

    [Fact]
    public async Task A_changed_photo_has_other_bytes_and_a_later_time_at_the_same_address()
    {
        await using var mls = await SampleMlsServer.StartAsync(Small);
        var (before, bytes) = (await ReadAsync(mls, "S1001"), mls.PhotoBytes("S1001", 2));

        mls.ChangePhoto("S1001", 2);

        var after = await ReadAsync(mls, "S1001");
        Assert.NotEqual(bytes, mls.PhotoBytes("S1001", 2));
        Assert.Equal(Field(before, 2, "MediaURL").GetString(), Field(after, 2, "MediaURL").GetString());
        Assert.True(Time(Field(after, 2, "MediaModificationTimestamp")) > Time(Field(before, 2, "MediaModificationTimestamp")));
        Assert.Equal(Time(Field(before, 1, "MediaModificationTimestamp")), Time(Field(after, 1, "MediaModificationTimestamp")));
        Assert.True(Time(after.GetProperty("ModificationTimestamp")) > Time(before.GetProperty("ModificationTimestamp")));
    }

    [Fact]
    public async Task A_new_caption_moves_the_listings_time_and_not_the_photos()
    {
        await using var mls = await SampleMlsServer.StartAsync(Small);
        var before = await ReadAsync(mls, "S1000");

        mls.ChangeCaption("S1000", 1, "The room with the view");

        var after = await ReadAsync(mls, "S1000");
        Assert.Equal("The room with the view", Field(after, 1, "ShortDescription").GetString());
        Assert.Equal(Time(Field(before, 1, "MediaModificationTimestamp")), Time(Field(after, 1, "MediaModificationTimestamp")));
        Assert.True(Time(after.GetProperty("ModificationTimestamp")) > Time(before.GetProperty("ModificationTimestamp")));
    }

    [Fact]
    public async Task Turning_the_order_round_keeps_keys_and_addresses()
    {
        await using var mls = await SampleMlsServer.StartAsync(Small);

        mls.ReverseOrder("S1000");

        var listing = await ReadAsync(mls, "S1000");
        Assert.Equal(["S1000-2", "S1000-1", "S1000-0"], Enumerable.Range(0, 3).Select(place => Field(listing, place, "MediaKey").GetString()));
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 3).Select(place => Field(listing, place, "Order").GetInt32()));
        Assert.EndsWith("/S1000/2.jpg", Field(listing, 0, "MediaURL").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removed_photo_is_neither_listed_nor_served()
    {
        await using var mls = await SampleMlsServer.StartAsync(Small);

        mls.RemovePhoto("S1000", 0);

        Assert.Equal(2, (await ReadAsync(mls, "S1000")).GetProperty("PhotosCount").GetInt32());
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync(mls, "photos/S1000/0.jpg"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(mls, "photos/S1000/1.jpg"));
    }

    [Fact]
    public async Task A_withdrawn_listing_says_so_and_serves_no_photo()
    {
        await using var mls = await SampleMlsServer.StartAsync(Small);

        mls.Withdraw("S1002");

        var listing = await ReadAsync(mls, "S1002");
        Assert.False(listing.GetProperty("MlgCanView").GetBoolean());
        Assert.False(listing.TryGetProperty("Media", out _));
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync(mls, "photos/S1002/0.jpg"));
        Assert.Equal(6, mls.Photos.Count);
    }

    [Fact]
    public async Task A_listing_can_be_added()
    {
        await using var mls = await SampleMlsServer.StartAsync(Small);

        var key = mls.AddListing(5);

        Assert.Equal("S1003", key);
        Assert.Equal(5, (await ReadAsync(mls, key)).GetProperty("Media").GetArrayLength());
        Assert.Equal(HttpStatusCode.OK, await GetAsync(mls, $"photos/{key}/4.jpg"));
    }

    [Fact]
    public async Task What_does_not_exist_cannot_be_changed()
    {
        await using var mls = await SampleMlsServer.StartAsync(Small);

        Assert.Throws<ArgumentException>(() => mls.ChangePhoto("S1000", 9));
        Assert.Throws<ArgumentException>(() => mls.Withdraw("S1009"));
    }

    static async Task<JsonElement> ReadAsync(SampleMlsServer mls, string listing)
    {
        using var http = new HttpClient();
        var page = await http.GetFromJsonAsync<JsonElement>(new Uri(mls.Address, $"Property?$filter=ListingKey eq '{listing}'"));
        return page.GetProperty("value")[0];
    }

    static async Task<HttpStatusCode> GetAsync(SampleMlsServer mls, string path)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(mls.Address, path));
        return response.StatusCode;
    }

    static JsonElement Field(JsonElement listing, int place, string name) => listing.GetProperty("Media")[place].GetProperty(name);

    static DateTimeOffset Time(JsonElement value) => value.GetDateTimeOffset();
}
