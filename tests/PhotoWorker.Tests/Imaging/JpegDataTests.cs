using ImagePipeline.PhotoWorker.Imaging;
using ImagePipeline.TestSupport.Pictures;
using NetVips;

namespace ImagePipeline.PhotoWorker.Tests.Imaging;

public sealed class JpegDataTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(3, Enums.ForeignSubsample.On, 0, false)]
    [InlineData(3, Enums.ForeignSubsample.Off, 0, false)]
    [InlineData(3, Enums.ForeignSubsample.On, 0, true)]
    [InlineData(3, Enums.ForeignSubsample.On, 4, false)]
    [InlineData(3, Enums.ForeignSubsample.Off, 1, true)]
    [InlineData(1, Enums.ForeignSubsample.Auto, 7, false)]
    [InlineData(4, Enums.ForeignSubsample.Off, 0, true)]
    public void Whole_data_are_intact_however_they_were_coded(int bands, Enums.ForeignSubsample subsample, int restart, bool optimized)
    {
        foreach (var (width, height) in ((int, int)[])[(1, 1), (8, 8), (17, 33), (203, 151)])
        {
            var file = Jpeg(width, height, bands, subsample, restart, optimized);

            Assert.True(JpegData.IsIntact(file), $"{width} by {height}");
            Assert.True(JpegData.IsIntact([.. file[..^2], .. new byte[30], .. file[^2..]]), $"{width} by {height} with padding");
        }
    }

    [Fact]
    public void Damaged_data_are_not_intact()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var file = Jpeg(203, 151, 3, Enums.ForeignSubsample.On, 0, false);
        var data = JpegFile.ScanData(file);
        var noticed = 0;

        for (var i = 0; i < 200; i++)
        {
            var damaged = file.ToArray();
            random.NextBytes(damaged.AsSpan(data + random.Next(file.Length - data - 60), 50));
            noticed += JpegData.IsIntact(damaged) ? 0 : 1;
        }

        // A decoder can get back into step by chance, at the right place.
        Assert.InRange(noticed, 190, 200);
    }

    [Fact]
    public void Data_that_end_early_or_go_on_are_not_intact()
    {
        var file = Jpeg(203, 151, 3, Enums.ForeignSubsample.On, 0, false);

        Assert.False(JpegData.IsIntact([.. file[..^200], .. file[^2..]]));
        Assert.False(JpegData.IsIntact([.. file[..^2], .. file[^200..^2], .. file[^2..]]));
        Assert.False(JpegData.IsIntact(file.AsSpan(0, file.Length - 100)));
    }

    [Fact]
    public void Any_bytes_get_an_answer()
    {
        for (var number = 0; number < 3_000; number++)
        {
            JpegData.IsIntact(Mutator.File(1, number));
            JpegData.HasGap(Mutator.File(2, number));
        }
    }

    static byte[] Jpeg(int width, int height, int bands, Enums.ForeignSubsample subsample, int restart, bool optimized)
    {
        using var noise = Image.Gaussnoise(width, height, sigma: 30, mean: 120, seed: 3);
        using var bytes = noise.Cast(Enums.BandFormat.Uchar);
        using var joined = bytes.Bandjoin([.. Enumerable.Repeat(bytes, bands - 1)]);
        using var picture = joined.Copy(interpretation: bands switch
        {
            1 => Enums.Interpretation.Bw,
            3 => Enums.Interpretation.Srgb,
            _ => Enums.Interpretation.Cmyk,
        });
        return picture.JpegsaveBuffer(q: 85, subsampleMode: subsample, restartInterval: restart, optimizeCoding: optimized);
    }
}
