using System.Numerics;

namespace ImagePipeline.SampleMls.Pictures;

/// <summary>
/// Paints shapes with smooth edges into RGB pixels. Scenes are composed in units: 400 wide, 300 high, y downwards; a picture of another
/// shape shows the middle of the scene, as a photograph cropped.
/// </summary>
sealed class Canvas
{
    public const float Width = 400, Height = 300;

    readonly int _columns, _rows;
    readonly float _scale, _left, _top;

    public Canvas(int columns, int rows, float zoom = 1)
    {
        (_columns, _rows) = (columns, rows);
        _scale = MathF.Max(columns / Width, rows / Height) * zoom;
        // Zooming keeps the lower edge: what stands on the ground comes nearer, and some of the sky goes.
        (_left, _top) = ((Width - columns / _scale) / 2, Height - 14 * (zoom - 1) - (rows / _scale + Height / zoom) / 2);
        Pixels = new byte[checked(columns * rows * 3)];
    }

    /// <summary>The pixels, three bytes each, row by row.</summary>
    public byte[] Pixels { get; }

    public void Box(Paint paint, float x, float y, float width, float height, float opacity = 1) =>
        Veil(paint, opacity, new(x, y), new(x + width, y), new(x + width, y + height), new(x, y + height));

    /// <summary>A convex shape, its corners clockwise.</summary>
    public void Shape(Paint paint, params ReadOnlySpan<Vector2> corners) => Veil(paint, 1, corners);

    /// <summary>The same, letting through what lies below.</summary>
    public void Veil(Paint paint, float opacity, params ReadOnlySpan<Vector2> corners)
    {
        Span<Vector3> edges = stackalloc Vector3[corners.Length];
        float top = float.MaxValue, bottom = float.MinValue;
        for (var i = 0; i < corners.Length; i++)
        {
            var (from, to) = (ToPixels(corners[i]), ToPixels(corners[(i + 1) % corners.Length]));
            var inward = Vector2.Normalize(new Vector2(from.Y - to.Y, to.X - from.X));
            edges[i] = new Vector3(inward, -Vector2.Dot(inward, from));
            (top, bottom) = (MathF.Min(top, from.Y), MathF.Max(bottom, from.Y));
        }

        for (var row = Math.Max(0, (int)top - 1); row < Math.Min(_rows, bottom + 1); row++)
        {
            var (first, last) = Span(edges, row + 0.5f, -0.5f);
            var (firstWhole, lastWhole) = Span(edges, row + 0.5f, 0.5f);
            for (var column = first; column <= last; column++)
            {
                var whole = column >= firstWhole && column <= lastWhole;
                Blend(column, row, paint, opacity * (whole ? 1 : Cover(edges, column + 0.5f, row + 0.5f)));
            }
        }
    }

    public void Ellipse(Paint paint, float x, float y, float radiusX, float radiusY, float opacity = 1)
    {
        var sharpness = MathF.Min(radiusX, radiusY) * _scale;
        Round(paint, x, y, radiusX + 1 / _scale, radiusY + 1 / _scale, (dx, dy) =>
            opacity * Math.Clamp(0.5f + (1 - MathF.Sqrt(dx * dx / (radiusX * radiusX) + dy * dy / (radiusY * radiusY))) * sharpness, 0, 1));
    }

    /// <summary>A spot without an edge: light, shadow, mist.</summary>
    public void Glow(Rgb color, float x, float y, float radiusX, float radiusY, float opacity) =>
        Round(color, x, y, radiusX, radiusY, (dx, dy) =>
        {
            var rest = MathF.Max(0, 1 - dx * dx / (radiusX * radiusX) - dy * dy / (radiusY * radiusY));
            return opacity * rest * rest;
        });

    /// <summary>
    /// What a lens and a sensor add: darker corners and grain. The grain is why a picture compresses like a photograph: a deviation of
    /// 5.5 of 255 gives about 170 KB at 1024×768 and quality 85.
    /// </summary>
    public void Develop(int seed)
    {
        const float Grain = 5.5f / 147.8f; // The sum of four random bytes deviates by 147.8.
        for (var row = 0; row < _rows; row++)
        {
            var dy = 2f * row / _rows - 1;
            for (var column = 0; column < _columns; column++)
            {
                var dx = 2f * column / _columns - 1;
                var light = 1 - 0.09f * (dx * dx + dy * dy);
                var bits = Noise.Bits(column, row, seed);
                var grain = Grain * ((bits & 255) + ((bits >> 8) & 255) + ((bits >> 16) & 255) + (bits >> 24) - 510f);
                var pixel = Pixels.AsSpan((row * _columns + column) * 3, 3);
                foreach (ref var part in pixel) part = (byte)Math.Clamp(part * light + grain + 0.5f, 0, 255);
            }
        }
    }

    void Round(Paint paint, float x, float y, float radiusX, float radiusY, Func<float, float, float> opacity)
    {
        var (from, to) = (ToPixels(new(x - radiusX, y - radiusY)), ToPixels(new(x + radiusX, y + radiusY)));
        for (var row = Math.Max(0, (int)from.Y); row < Math.Min(_rows, to.Y); row++)
        {
            for (var column = Math.Max(0, (int)from.X); column < Math.Min(_columns, to.X); column++)
            {
                var (dx, dy) = (_left + (column + 0.5f) / _scale - x, _top + (row + 0.5f) / _scale - y);
                var strength = opacity(dx, dy);
                if (strength > 0) Blend(column, row, paint, strength);
            }
        }
    }

    Vector2 ToPixels(Vector2 point) => new((point.X - _left) * _scale, (point.Y - _top) * _scale);

    // The columns of a row that lie at least `distance` pixels inside every edge.
    (int First, int Last) Span(ReadOnlySpan<Vector3> edges, float y, float distance)
    {
        float first = 0, last = _columns - 1;
        foreach (var edge in edges)
        {
            var rest = distance - edge.Y * y - edge.Z;
            if (MathF.Abs(edge.X) < 1e-6f)
            {
                if (rest > 0) return (0, -1);
            }
            else if (edge.X > 0)
            {
                first = MathF.Max(first, MathF.Ceiling(rest / edge.X - 0.5f));
            }
            else
            {
                last = MathF.Min(last, MathF.Floor(rest / edge.X - 0.5f));
            }
        }

        return ((int)first, (int)last);
    }

    static float Cover(ReadOnlySpan<Vector3> edges, float x, float y)
    {
        var cover = 1f;
        foreach (var edge in edges) cover = MathF.Min(cover, edge.X * x + edge.Y * y + edge.Z + 0.5f);
        return MathF.Max(0, cover);
    }

    void Blend(int column, int row, Paint paint, float opacity)
    {
        var color = paint(_left + (column + 0.5f) / _scale, _top + (row + 0.5f) / _scale);
        var at = (row * _columns + column) * 3;
        Pixels[at] = Blend(Pixels[at], color.R, opacity);
        Pixels[at + 1] = Blend(Pixels[at + 1], color.G, opacity);
        Pixels[at + 2] = Blend(Pixels[at + 2], color.B, opacity);
    }

    static byte Blend(byte below, float above, float opacity) => (byte)Math.Clamp(below + (above - below) * opacity + 0.5f, 0, 255);
}
