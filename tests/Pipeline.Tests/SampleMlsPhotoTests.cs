using ImagePipeline.SampleMls;
using ImagePipeline.SampleMls.Pictures;
using NetVips;

namespace ImagePipeline.Pipeline.Tests;

public sealed class SampleMlsPhotoTests
{
    [Theory]
    [InlineData(16, 16)]
    [InlineData(333, 217)]
    [InlineData(300, 900)]
    [InlineData(1024, 768)]
    public void A_photo_of_any_size_decodes_without_a_warning(int width, int height)
    {
        foreach (var kind in Enum.GetValues<SceneKind>())
        {
            var photo = Scene.Draw(kind, 7, width, height).Photo("LISTING S1000 PHOTO 128").ToArray();

            using var image = Image.NewFromBuffer(photo, failOn: Enums.FailOn.Warning);

            Assert.Equal((width, height, 3), (image.Width, image.Height, image.Bands));
            Assert.InRange(image.Avg(), 40, 230);
        }
    }

    [Fact]
    public void Photos_weigh_as_much_as_photographs()
    {
        foreach (var kind in Enum.GetValues<SceneKind>())
            Assert.InRange(Scene.Draw(kind, 3, 1024, 768).Photo("LISTING S1000 PHOTO 0").Length, 100_000, 250_000);
    }

    [Fact]
    public void The_label_is_the_only_difference_between_two_photos_of_one_scene()
    {
        var scene = Scene.Draw(SceneKind.Kitchen, 1, 640, 480);
        using var one = Image.NewFromBuffer(scene.Photo("LISTING S1000 PHOTO 1").ToArray());
        using var two = Image.NewFromBuffer(scene.Photo("LISTING S1000 PHOTO 2").ToArray());

        using var difference = (one - two).Abs();

        // 480 rows are 30 rows of blocks; the label is in the two before the last.
        using var above = difference.Crop(0, 0, 640, 416);
        using var label = difference.Crop(0, 432, 640, 32);
        using var below = difference.Crop(0, 465, 640, 15);
        Assert.Equal(0, above.Max());
        Assert.True(label.Max() > 100);
        Assert.Equal(0, below.Max());
    }

    [Fact]
    public void Letters_digits_and_the_dash_have_shapes_of_their_own()
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789- ";

        var shapes = Letters.Select(letter => string.Concat(
            from row in Enumerable.Range(0, PixelFont.Rows)
            from column in Enumerable.Range(0, PixelFont.Advance)
            select PixelFont.IsSet(letter.ToString(), column, row) ? '#' : '.'));

        Assert.Equal(Letters.Length, shapes.Distinct().Count());
    }

    [Fact]
    public async Task Every_photo_has_bytes_of_its_own_and_serves_them()
    {
        await using var mls = await SampleMlsServer.StartAsync(new() { Listings = 4, PhotosPerListing = 10, Width = 160, Height = 120 });
        using var http = new HttpClient { BaseAddress = mls.Address };

        var served = new List<byte[]>();
        foreach (var photo in mls.Photos) served.Add(await http.GetByteArrayAsync($"photos/{photo}.jpg"));

        Assert.Equal(40, served.Select(Convert.ToBase64String).Distinct().Count());
        Assert.Equal(mls.PhotoBytes("S1000", 3), served[3]);
    }

    [Fact]
    public async Task The_same_seed_draws_the_same_and_another_seed_something_else()
    {
        var options = new SampleMlsOptions { Listings = 5, MeanPhotosPerListing = 4, Width = 64, Height = 48 };

        await using var one = await SampleMlsServer.StartAsync(options);
        await using var same = await SampleMlsServer.StartAsync(options);
        await using var other = await SampleMlsServer.StartAsync(options with { Seed = 2 });

        Assert.Equal(one.Photos, same.Photos);
        Assert.All(one.Photos, photo => Assert.Equal(Bytes(one, photo), Bytes(same, photo)));
        Assert.NotEqual(one.Photos, other.Photos);
        Assert.NotEqual(Bytes(one, one.Photos[0]), Bytes(other, other.Photos[0]));
    }

    static byte[] Bytes(SampleMlsServer mls, string photo) =>
        mls.PhotoBytes(photo.Split('/')[0], int.Parse(photo.Split('/')[1], System.Globalization.CultureInfo.InvariantCulture));
}
