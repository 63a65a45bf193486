using ImagePipeline.Contracts;
using ImagePipeline.Storage.Sagas;
using ImagePipeline.TestSupport;
using MassTransit;

namespace ImagePipeline.ListingNotifier.Tests;

public sealed class SagaStormTests(PostgresServer postgres, ITestOutputHelper output)
{
    const int Listings = 200;
    const int PhotosPerListing = 25;

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.PostgreSql)]
    public async Task Every_event_three_times_in_any_order_ends_with_each_listing_complete_and_announcements_that_only_grow(DatabaseKind kind)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        await using var database = await TestDatabase.CreateAsync(kind, postgres);
        using var store = new TempFolder();
        await using var notifier = await NotifierHost.StartAsync(database, store, settings: ("ListingNotifier:ConcurrentMessages", "64"));

        await Parallel.ForEachAsync(
            Shuffled(new Random(seed)),
            new ParallelOptions { MaxDegreeOfParallelism = 64 },
            async (message, cancellation) => await notifier.Bus.Publish(message, message.GetType(), cancellation));
        await notifier.Heard.UntilAsync<PhotosReady>(all => all.Where(r => r.Complete).Select(r => r.ListingKey).Distinct().Count() == Listings);

        Assert.Empty(notifier.Heard.All<Fault>());
        foreach (var listing in notifier.Heard.All<PhotosReady>().GroupBy(r => r.ListingKey))
        {
            var numbers = listing.Select(r => r.Announcement).ToList();
            Assert.Equal(numbers.Order(), numbers);
            Assert.Equal(Keys(), listing.Last().Photos.Select(p => p.MediaKey));
            Assert.Empty(listing.Last().Missing);
        }
        foreach (var key in Enumerable.Range(0, Listings).Select(Key))
        {
            var state = await notifier.The<SagaTable<ListingState>>().LoadAsync(Some.Listing(key), CancellationToken.None);
            Assert.True(state!.IsComplete);
            Assert.Equal(PhotosPerListing, state.Outcomes.Count);
        }
    }

    static List<object> Shuffled(Random random)
    {
        var events = Enumerable.Range(0, Listings).Select(Key).SelectMany(key => Keys()
            .Select(photo => (object)Some.Stored(photo, key: key))
            .Append(Some.Set(key, photos: [.. Keys().Select(photo => (photo, "v1"))])));
        object[] thrice = [.. events.SelectMany(e => Enumerable.Repeat(e, 3))];
        random.Shuffle(thrice);
        return [.. thrice];
    }

    static string Key(int n) => $"L{n}";

    static IEnumerable<string> Keys() => Enumerable.Range(0, PhotosPerListing).Select(n => $"p{n}");
}
