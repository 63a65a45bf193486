using NetVips;

namespace ImagePipeline.Benchmarks;

/// <summary>Draws pictures that cost a codec what photographs cost it: gradients, walls with hard edges, and a camera's noise.</summary>
static class DrawnPhotograph
{
    /// <summary>The sum of two such numbers on each channel; at 18, 2048 by 1536 pixels at quality 85 take some 560 KB.</summary>
    const int Noise = 18;

    public static byte[] Jpeg(int width, int height, int seed)
    {
        var random = new Random(seed);
        var walls = Enumerable.Range(0, 60).Select(_ => (X: random.Next(width), Y: random.Next(height), W: random.Next(2 + (width / 4)),
            H: random.Next(2 + (height / 4)), Shade: (int[])[random.Next(-50, 50), random.Next(-50, 50), random.Next(-50, 50)])).ToArray();
        var pixels = new byte[width * height * 3];
        var row = new int[width * 3];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
                (row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]) = (60 + (120 * y / height), 70 + (90 * x / width), 170 - (80 * y / height));
            foreach (var wall in walls.Where(wall => y >= wall.Y && y < wall.Y + wall.H))
            {
                for (var i = 3 * wall.X; i < 3 * Math.Min(width, wall.X + wall.W); i++)
                    row[i] += wall.Shade[i % 3];
            }

            for (var i = 0; i < row.Length; i++)
                pixels[(y * row.Length) + i] = (byte)Math.Clamp(row[i] + random.Next(Noise + 1) + random.Next(Noise + 1) - Noise, 0, 255);
        }

        using var drawn = Image.NewFromMemory<byte>(pixels.AsMemory(), width, height, 3, Enums.BandFormat.Uchar);
        using var tagged = drawn.Copy(interpretation: Enums.Interpretation.Srgb);
        return tagged.JpegsaveBuffer(q: 85);
    }
}
