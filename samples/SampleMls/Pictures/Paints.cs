namespace ImagePipeline.SampleMls.Pictures;

/// <summary>What surfaces are made of.</summary>
static class Paints
{
    /// <summary>From one colour at <paramref name="top"/> to another at <paramref name="bottom"/>.</summary>
    public static Paint Down(Rgb upper, Rgb lower, float top, float bottom) =>
        (_, y) => upper.Mix(lower, Math.Clamp((y - top) / (bottom - top), 0, 1));

    /// <summary>From one colour at <paramref name="left"/> to another at <paramref name="right"/>.</summary>
    public static Paint Across(Rgb leftmost, Rgb rightmost, float left, float right) =>
        (x, _) => leftmost.Mix(rightmost, Math.Clamp((x - left) / (right - left), 0, 1));

    public static Paint Sky(Rgb zenith, Rgb horizon, float clouds, int seed) => (x, y) =>
    {
        var depth = MathF.Max(0, 200 - y) / 200;
        var far = 0.012f + 0.02f * (1 - depth);
        var cloud = Math.Clamp((Noise.Cloudy(x * far, y * far * 2.4f, seed, 5) - 0.62f + clouds * 0.3f) * 3.2f, 0, 1);
        return horizon.Mix(zenith, depth).Mix(Rgb.Hex(0xFAFAFC), cloud * 0.85f);
    };

    public static Paint Grass(Rgb color, int seed) => (x, y) =>
    {
        var near = Math.Clamp((y - 180) / 120, 0.05f, 1);
        var patches = Noise.Cloudy(x * 0.03f / near, y * 0.08f / near, seed, 3);
        var blades = Noise.Smooth(x * 2.2f / (0.4f + near), y * 1.1f / (0.4f + near), seed + 9);
        return color.Lit(0.62f + 0.4f * patches + 0.28f * blades);
    };

    public static Paint Siding(Rgb color, int seed) => (x, y) =>
    {
        var board = y / 4.2f;
        var within = board - MathF.Floor(board);
        var wear = Noise.Smooth(x * 0.5f, y * 2.5f, seed);
        return color.Lit((within > 0.86f ? 0.78f : 0.95f + 0.05f * within) + 0.05f * (wear - 0.5f));
    };

    public static Paint Brick(Rgb color, int seed) => (x, y) =>
    {
        var course = (int)MathF.Floor(y / 2.4f);
        var along = x / 6.4f + (course & 1) * 0.5f;
        var mortar = along - MathF.Floor(along) < 0.09f || y / 2.4f - course < 0.18f;
        var tone = 0.82f + 0.34f * Noise.Cell((int)MathF.Floor(along), course, seed) + 0.12f * (Noise.Smooth(x, y, seed) - 0.5f);
        return mortar ? color.Mix(Rgb.Hex(0xCFC8BE), 0.6f) : color.Lit(tone);
    };

    public static Paint Stucco(Rgb color, int seed) => (x, y) =>
        color.Lit(0.93f + 0.1f * Noise.Cloudy(x * 0.05f, y * 0.05f, seed, 3) + 0.05f * (Noise.Smooth(x * 1.5f, y * 1.5f, seed + 5) - 0.5f));

    public static Paint Shingles(Rgb color, int seed) => (x, y) =>
    {
        var course = (int)MathF.Floor(y / 3.4f);
        var tab = (int)MathF.Floor(x / 5f + Noise.Cell(course, 3, seed) * 5);
        var shade = y / 3.4f - course < 0.2f ? 0.74f : 1;
        return color.Lit(shade * (0.84f + 0.3f * Noise.Cell(tab, course, seed) + 0.1f * Noise.Smooth(x * 1.4f, y * 1.4f, seed)));
    };

    public static Paint Wood(Rgb color, int seed, float grain = 0.16f) => (x, y) =>
        color.Lit(0.9f + grain * Noise.Cloudy(x * 0.06f, y * 0.9f, seed, 3));

    public static Paint Cloth(Rgb color, int seed) => (x, y) =>
        color.Lit(0.9f + 0.12f * Noise.Cloudy(x * 0.09f, y * 0.09f, seed, 2) + 0.08f * (Noise.Smooth(x * 1.8f, y * 1.8f, seed + 3) - 0.5f));

    public static Paint Glass(Rgb upper, Rgb lower, float top, float bottom, int seed) => (x, y) =>
    {
        var share = Math.Clamp((y - top) / (bottom - top), 0, 1);
        var reflection = Noise.Cloudy(x * 0.07f + y * 0.03f, y * 0.05f, seed, 3);
        return upper.Mix(lower, share).Lit(0.72f + 0.55f * reflection);
    };
}
