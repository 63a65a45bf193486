using System.Text;
using ImagePipeline.FeedIngest.Feeds;
using static ImagePipeline.FeedIngest.Tests.Feeds.SomeFeed;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

public sealed class FeedFuzzTests(ITestOutputHelper output) : IDisposable
{
    readonly TempFolder _folder = new();
    readonly FeedSource _source = Reader(new FeedReadingOptions { MaxPages = 5 });

    // Pieces that a parser may fall over, beside random bytes.
    static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "{", "}", "[", "]", "\"", ",", ":", "\\", "\n", "null", "true", "1e999", "-0", "\\ud800", "\\u0000", "[[[[[[[[", "\"Media\\ud800\":1,", "\"value\":[",
            "\"@odata.nextLink\":\"\\ud800\",", "\"MediaURL\":{},", "\"Order\":\"NaN\",", "9999-12-31T23:59:59.9999999-14:00", "%", "?sig=%", "https://", "=&=&;", "-",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0],
    ];

    [Fact]
    public async Task A_mutated_feed_is_read_or_refused_and_never_gives_a_listing_without_a_key()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        string[] originals =
        [
            Page("next.json", Property("A", Media(), Media("P2", 1, "https://x.example.test/a/b?X-Amz-Date=20260601T120000Z&X-Amz-Expires=9&sig=1")), Property("B")),
            Property("C", Media().With("Permission", "Idx,Vow").With("MediaObjectID", "1").With("ImageSizeDescription", "Large")).ToJsonString(),
            $"{Line("A")}\n{Line("B")}\n{Line("C")}\n",
        ];
        _folder.Write("next.json", Page(Property("N", Media())));

        for (var round = 0; round < 3_000; round++)
        {
            var bytes = Mutated(Encoding.UTF8.GetBytes(originals[round % originals.Length]), random);
            await ReadAsync(_folder.Write("mutated", bytes), $"seed {seed}, round {round}: {Convert.ToBase64String(bytes)}");
        }
    }

    async Task ReadAsync(string path, string which)
    {
        try
        {
            foreach (var item in await _source.ReadAsync(Id, Source(path), CancellationToken.None).ToList())
            {
                if (item is RefusedRecord refused) Assert.DoesNotContain('\n', refused.Why);
                if (item is not ReadListing listing) continue;
                Assert.False(string.IsNullOrWhiteSpace(listing.ListingKey), which);
                Assert.True(listing.Photos.Count == 0 || listing.Photos.Count(photo => photo.Primary) == 1, which);
                Assert.True(listing.Photos.DistinctBy(photo => photo.MediaKey).Count() == listing.Photos.Count, which);
            }
        }
        catch (FeedUnreadableException e)
        {
            Assert.DoesNotContain('\n', e.Message);
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{which}: {e}");
        }
    }

    static byte[] Mutated(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var times = random.Next(1, 5); times > 0; times--)
        {
            var at = random.Next(bytes.Count);
            var count = Math.Min(random.Next(1, 20), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveRange(at, count); break;
                case 2: bytes.InsertRange(at, Pieces[random.Next(Pieces.Length)]); break;
                case 3: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, count)); break;
                default: bytes.RemoveRange(at, random.Next(8) == 0 ? bytes.Count - at : 1); break;
            }
            if (bytes.Count == 0) bytes.Add((byte)'{');
        }
        return [.. bytes];
    }

    public void Dispose()
    {
        _folder.Dispose();
        _source.Dispose();
    }
}
