using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using NetVips;

namespace ImagePipeline.TestSupport.Pictures;

/// <summary>A feed of good photos, with or without bad ones among them, and the server of its photos. What a bad one is called says nothing of what it is.</summary>
public sealed class MixedFeed : IDisposable
{
    const int PhotosInListing = 25;

    readonly HttpListener _listener;
    readonly byte[][] _good;
    readonly int _goodCount;
    readonly int _badCount;
    readonly string _address;

    /// <summary>Draws the good ones and begins to serve.</summary>
    public MixedFeed(int good, int bad, int width = 800, int height = 600)
    {
        (_goodCount, _badCount) = (good, bad);
        _good = [.. Enumerable.Range(0, 16).Select(n => Draw(n, width, height))];
        (_listener, _address) = FreeListener.Start();
        _ = ServeAsync();
    }

    /// <summary>The bad ones that are to be rejected.</summary>
    public int Rejected => Enumerable.Range(0, _badCount).Count(n => Bad(n).Rejections.Length > 0);

    /// <summary>The bad one of a number: all kinds take turns.</summary>
    public static BadImage Bad(int n) => BadImages.All[n % BadImages.All.Count];

    /// <summary>The feed's page: its listings hold the same good photos either way, and the bad ones among them.</summary>
    public string Page(bool withBad)
    {
        var photos = Enumerable.Range(0, _goodCount).Select(n => (Listing: n / PhotosInListing, Key: $"good{n}"));
        if (withBad)
            photos = photos.Concat(Enumerable.Range(0, _badCount).Select(n => (Listing: n % Math.Max(1, _goodCount / PhotosInListing), Key: $"bad{n}")));
        var listings = photos.GroupBy(photo => photo.Listing).Select(listing => $$"""
            { "ListingKey": "L{{listing.Key}}", "ModificationTimestamp": "2026-06-01T12:00:00Z", "MlgCanView": true, "Media": [
            {{string.Join(",\n", listing.OrderBy(photo => photo.Key[^1]).Select(photo => $$"""{ "MediaKey": "{{photo.Key}}", "MediaURL": "{{_address}}/{{photo.Key}}.jpg", "MediaModificationTimestamp": "2026-06-01T12:00:00Z" }"""))}} ] }
            """);
        return $$"""{ "value": [ {{string.Join(",\n", listings)}} ] }""";
    }

    /// <summary>The objects of good photos that one store has and another has not, or not with the same bytes.</summary>
    public static IReadOnlyList<string> Differences(string store, string other)
    {
        var different = new ConcurrentBag<string>();
        foreach (var kind in (string[])["originals", "renditions"])
        {
            Parallel.ForEach(Directory.EnumerateFiles(Path.Combine(store, kind), "*", SearchOption.AllDirectories), file =>
            {
                var twin = Path.Combine(other, Path.GetRelativePath(store, file));
                if (!File.Exists(twin) || !File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(twin)))
                    different.Add(Path.GetRelativePath(store, file));
            });
        }
        return [.. different.Order()];
    }

    /// <inheritdoc/>
    public void Dispose() => ((IDisposable)_listener).Dispose();

    async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            _ = AnswerAsync(context);
        }
    }

    async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var response = context.Response;
            var name = Path.GetFileNameWithoutExtension(context.Request.Url!.AbsolutePath);
            var number = int.Parse(name.AsSpan(name.StartsWith("good", StringComparison.Ordinal) ? 4 : 3), CultureInfo.InvariantCulture);
            var bytes = name[0] == 'g' ? _good[number % _good.Length] : Bad(number).File;
            response.ContentType = "image/jpeg";
            response.ContentLength64 = bytes.Length;
            await response.OutputStream.WriteAsync(bytes);
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
        {
            // Whoever asked has seen enough of it.
        }
    }

    static byte[] Draw(int seed, int width, int height)
    {
        using var noise = Image.Gaussnoise(width, height, sigma: 12, mean: 20 * (seed % 8), seed: seed);
        using var slope = Image.Xyz(width, height);
        using var shades = slope.ExtractBand(0) * (120.0 / width);
        using var red = (noise + shades).Cast(Enums.BandFormat.Uchar);
        using var green = (noise + 60).Cast(Enums.BandFormat.Uchar);
        using var blue = (shades + 90).Cast(Enums.BandFormat.Uchar);
        using var joined = red.Bandjoin(green, blue);
        using var picture = joined.Copy(interpretation: Enums.Interpretation.Srgb);
        return picture.JpegsaveBuffer(q: 85);
    }
}
