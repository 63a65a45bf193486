using System.Text.Json;
using System.Text.Json.Nodes;
using ImagePipeline.FeedIngest.Feeds;
using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

/// <summary>Feed content, as vendors write it.</summary>
static class SomeFeed
{
    public const string Id = "some-mls";

    public static JsonObject Property(string key = "ABC1", params IEnumerable<JsonObject> media) => new()
    {
        ["ListingKey"] = key,
        ["ListingId"] = "MLS-1",
        ["StandardStatus"] = "Active",
        ["ModificationTimestamp"] = "2026-06-01T12:00:00.123Z",
        ["PhotosChangeTimestamp"] = "2026-05-20T08:00:00Z",
        ["Media"] = new JsonArray([.. media]),
    };

    public static JsonObject Media(string? key = "P1", int? order = 0, string? url = null) => new()
    {
        ["MediaKey"] = key,
        ["MediaURL"] = url ?? $"https://media.example.test/{key}.jpg",
        ["Order"] = order,
        ["MediaModificationTimestamp"] = "2026-05-20T08:00:00Z",
    };

    public static string Page(params IEnumerable<JsonObject> records) => Page(null, records);

    public static string Page(string? nextLink, params IEnumerable<JsonObject> records)
    {
        var page = new JsonObject { ["@odata.context"] = "https://api.example.test/$metadata#Property", ["value"] = new JsonArray([.. records]) };
        if (nextLink is not null) page["@odata.nextLink"] = nextLink;
        return page.ToJsonString();
    }

    public static string Line(string key = "ABC1", string feed = Id, string photos = """[{"url":"https://media.example.test/1.jpg","key":"P1"}]""") =>
        $$"""{"feed":"{{feed}}","listingKey":"{{key}}","changedAt":"2026-06-01T12:00:00Z","photos":{{photos}}}""";

    public static FeedOptions Source(string source) => new() { Source = source };

    public static FeedSource Reader(FeedReadingOptions? limits = null, TimeProvider? time = null) =>
        new(Options.Create(limits ?? new FeedReadingOptions()), time ?? TimeProvider.System, NullLogger<FeedSource>.Instance);

    public static FeedItem Read(JsonObject property, params string[] leaseParameters)
    {
        using var document = JsonDocument.Parse(property.ToJsonString());
        return ResoProperty.Read(document.RootElement, Id, LeaseParameters.With(leaseParameters), "record 17 of page.json");
    }

    public static ReadListing Listing(JsonObject property, params string[] leaseParameters) => Assert.IsType<ReadListing>(Read(property, leaseParameters));

    public static IReadOnlyList<ReadPhoto> Photos(params IEnumerable<JsonObject> media) => Listing(Property(media: media)).Photos;

    public static RefusedRecord Refusal(JsonObject property) => Assert.IsType<RefusedRecord>(Read(property));

    public static JsonObject With(this JsonObject record, string name, JsonNode? value)
    {
        record[name] = value;
        return record;
    }

    public static JsonObject Without(this JsonObject record, string name)
    {
        record.Remove(name);
        return record;
    }

    public static async Task<List<FeedItem>> ToList(this IAsyncEnumerable<FeedItem> items)
    {
        var list = new List<FeedItem>();
        await foreach (var item in items) list.Add(item);
        return list;
    }
}
