using System.Buffers.Binary;
using System.IO.Compression;
using ImagePipeline.PhotoWorker.Imaging;
using NetVips;

namespace ImagePipeline.PhotoWorker.Tests.Imaging;

/// <summary>Pictures drawn here, so that every test says what it feeds in.</summary>
static class Some
{
    public static readonly double[] Red = [200, 40, 40];
    public static readonly double[] Green = [40, 160, 60];
    public static readonly double[] Blue = [40, 60, 200];
    public static readonly double[] Sand = [220, 200, 150];

    public static RenditionProfile Profile(params int[] widths) =>
        new(new ProfileOptions { Renditions = [.. widths.Select(width => new Rendition { Name = $"w{width}", Width = width, Quality = 95 })] });

    public static Renderer Renderer(params int[] widths) => new(Profile(widths), new RenderingOptions());

    public static Image Plain(int width, int height, double[] colour)
    {
        ImageEngine.Initialize();
        using var black = Image.Black(width, height, bands: colour.Length);
        using var filled = black.Linear([.. colour.Select(_ => 1.0)], colour, uchar: true);
        return filled.Copy(interpretation: colour.Length < 3 ? Enums.Interpretation.Bw : Enums.Interpretation.Srgb);
    }

    /// <summary>Red, green, blue and sand from the top left to the bottom right: any turn or flip shows.</summary>
    public static Image Quadrants(int width, int height)
    {
        using var red = Plain(width / 2, height / 2, Red);
        using var green = Plain(width / 2, height / 2, Green);
        using var blue = Plain(width / 2, height / 2, Blue);
        using var sand = Plain(width / 2, height / 2, Sand);
        using var all = Image.Arrayjoin([red, green, blue, sand], across: 2);
        return all.CopyMemory();
    }

    /// <summary>Edges, gradients and the noise of a camera: what block artefacts and shifts show on, and what compresses like a photo.</summary>
    public static Image Photograph(int width, int height, int seed, int noise = 10)
    {
        ImageEngine.Initialize();
        var random = new Random(seed);
        var walls = Enumerable.Range(0, 50).Select(_ => (X: random.Next(width), Y: random.Next(height), W: random.Next(2 + (width / 4)),
            H: random.Next(2 + (height / 4)), Shade: (int[])[random.Next(-50, 50), random.Next(-50, 50), random.Next(-50, 50)])).ToArray();
        var pixels = new byte[width * height * 3];
        var row = new int[width * 3];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
                (row[3 * x], row[3 * x + 1], row[3 * x + 2]) = (60 + 120 * y / height, 70 + 90 * x / width, 170 - 80 * y / height);
            foreach (var wall in walls.Where(wall => y >= wall.Y && y < wall.Y + wall.H))
            {
                for (var i = 3 * wall.X; i < 3 * Math.Min(width, wall.X + wall.W); i++)
                    row[i] += wall.Shade[i % 3];
            }

            for (var i = 0; i < row.Length; i++)
                pixels[(y * row.Length) + i] = (byte)Math.Clamp(row[i] + random.Next(noise + 1) + random.Next(noise + 1) - noise, 0, 255);
        }

        using var drawn = Image.NewFromMemory<byte>(pixels.AsMemory(), width, height, 3, Enums.BandFormat.Uchar);
        using var tagged = drawn.Copy(interpretation: Enums.Interpretation.Srgb);
        return tagged.CopyMemory();
    }

    /// <summary>Thin dark lines on white, close together: what a short resampling kernel blurs most.</summary>
    public static Image FloorPlan(int width, int height)
    {
        const int thickness = 2, squarePixelsALine = 300, longest = 14;

        ImageEngine.Initialize();
        var random = new Random(3);
        var pixels = new byte[width * height];
        Array.Fill(pixels, (byte)235);
        for (var n = 0; n < width * height / squarePixelsALine; n++)
        {
            var (x, y, length) = (random.Next(width - longest), random.Next(height - longest), random.Next(4, longest));
            var (across, down) = random.Next(2) == 0 ? (length, thickness) : (thickness, length);
            var shade = (byte)random.Next(120);
            for (var row = y; row < y + down; row++)
                pixels.AsSpan((row * width) + x, across).Fill(shade);
        }

        using var grey = Image.NewFromMemory<byte>(pixels.AsMemory(), width, height, 1, Enums.BandFormat.Uchar);
        using var drawn = grey.Bandjoin(grey, grey);
        using var tagged = drawn.Copy(interpretation: Enums.Interpretation.Srgb);
        return tagged.CopyMemory();
    }

    public static byte[] Jpeg(int width, int height)
    {
        using var picture = Photograph(width, height, seed: 1);
        return picture.JpegsaveBuffer(q: 85);
    }

    /// <summary>A file that is whole but for what is given: a header that promises a size, and a body of a few bytes.</summary>
    public static byte[] PngThatClaims(int width, int height)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2);
        using var body = new MemoryStream();
        using (var deflated = new ZLibStream(body, CompressionLevel.Optimal, leaveOpen: true))
            deflated.Write(new byte[1000]);
        return
        [
            0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A,
            .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, body.ToArray()), .. Chunk("IEND"u8, []),
        ];
    }

    public static double[] PixelAt(RenderedImage rendition, double across, double down)
    {
        using var image = Image.NewFromBuffer(rendition.Bytes.Span);
        return image[(int)(image.Width * across), (int)(image.Height * down)];
    }

    static byte[] Chunk(ReadOnlySpan<byte> type, byte[] data)
    {
        byte[] typed = [.. type, .. data];
        var chunk = new byte[typed.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        typed.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(typed.Length + 4), Crc(typed));
        return chunk;
    }

    static uint Crc(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }

        return ~crc;
    }
}
