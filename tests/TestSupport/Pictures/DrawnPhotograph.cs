using NetVips;

namespace ImagePipeline.TestSupport.Pictures;

/// <summary>
/// Draws pictures that are to a codec and to a resampler what photographs are: walls with hard edges, texture of which each octave has as much as the next (the
/// amplitude spectrum of natural images falls as 1/f: Field 1987), and a camera's noise.
/// </summary>
public static class DrawnPhotograph
{
    // In levels, standard deviations: of each octave of the texture, from 2 to 16 pixels, and of each pixel and channel for itself.
    const double Texture = 4, Noise = 4;

    const int Walls = 60, Strongest = 50;

    /// <summary>The same picture for the same seed. At the default quality 2048 by 1536 pixels take some 560 KB.</summary>
    public static byte[] Jpeg(int width, int height, int seed, int quality = 87)
    {
        using var light = Light(width, height);
        using var walls = WallsOf(width, height, new Random(seed));
        using var texture = TextureOf(width, height, seed);
        using var noise = NoiseOf(width, height, seed);
        using var house = light + walls;
        using var textured = house + texture;
        using var noisy = textured + noise;
        using var bytes = noisy.Cast(Enums.BandFormat.Uchar);
        using var tagged = bytes.Copy(interpretation: Enums.Interpretation.Srgb);
        return tagged.JpegsaveBuffer(q: quality);
    }

    static Image Light(int width, int height)
    {
        using var places = Image.Xyz(width, height);
        using var across = places[0];
        using var down = places[1];
        using var red = down.Linear([120.0 / height], [60]);
        using var green = across.Linear([90.0 / width], [70]);
        using var blue = down.Linear([-80.0 / height], [170]);
        return red.Bandjoin(green, blue);
    }

    static Image WallsOf(int width, int height, Random random)
    {
        using var black = Image.Black(width, height, bands: 3);
        using var plane = black.Cast(Enums.BandFormat.Float);
        return plane.Mutate(picture =>
        {
            for (var wall = 0; wall < Walls; wall++)
            {
                double[] shade = [random.Next(-Strongest, Strongest), random.Next(-Strongest, Strongest), random.Next(-Strongest, Strongest)];
                picture.DrawRect(shade, random.Next(width), random.Next(height), random.Next(2 + (width / 4)), random.Next(2 + (height / 4)), fill: true);
            }
        });
    }

    static Image TextureOf(int width, int height, int seed)
    {
        var sum = Image.Black(width, height) + 0.0;
        foreach (var size in (int[])[2, 4, 8, 16])
        {
            using var coarse = Image.Gaussnoise((width / size) + 2, (height / size) + 2, sigma: Texture, mean: 0, seed: (100 * seed) + size);
            using var fine = coarse.Resize(size, Enums.Kernel.Cubic);
            using var octave = fine.Crop(0, 0, width, height);
            using var before = sum;
            sum = before + octave;
        }

        return sum;
    }

    static Image NoiseOf(int width, int height, int seed)
    {
        Image OfChannel(int channel) => Image.Gaussnoise(width, height, sigma: Noise, mean: 0, seed: (100 * seed) + 50 + channel);

        using var red = OfChannel(0);
        using var green = OfChannel(1);
        using var blue = OfChannel(2);
        return red.Bandjoin(green, blue);
    }
}
