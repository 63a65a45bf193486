namespace ImagePipeline.SampleMls.Pictures;

/// <summary>A dark band, and on it the name of the photo in light letters.</summary>
static class Label
{
    /// <summary>How high the band is; its letters fill about half of the width of a picture.</summary>
    public static int Height(int columns) => Dot(columns) * (PixelFont.Rows + 3);

    public static void Darken(Span<byte> pixels)
    {
        foreach (ref var part in pixels) part = (byte)(part * 0.42f);
    }

    public static void Write(Span<byte> pixels, int columns, int rows, string text)
    {
        var dot = Dot(columns);
        var (left, top) = (2 * dot, Math.Max(0, (rows - dot * PixelFont.Rows) / 2));
        for (var column = 0; column < Math.Min(text.Length * PixelFont.Advance, (columns - left) / dot); column++)
        {
            for (var row = 0; row < Math.Min(PixelFont.Rows, (rows - top) / dot); row++)
            {
                if (!PixelFont.IsSet(text, column, row)) continue;
                for (var line = 0; line < dot; line++)
                    pixels.Slice(((top + row * dot + line) * columns + left + column * dot) * 3, dot * 3).Fill(245);
            }
        }
    }

    static int Dot(int columns) => Math.Max(1, columns / 250);
}
