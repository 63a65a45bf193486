using System.Numerics;

namespace ImagePipeline.SampleMls.Pictures;

/// <summary>
/// An empty room in one-point perspective: back wall, side walls, ceiling, floor. Places on a surface are given by how near they are:
/// 1 at the back wall, growing towards the viewer.
/// </summary>
sealed class Room
{
    readonly Vector2 _vanishing;
    readonly int _seed;

    public Room(Canvas canvas, Dice dice, RoomFloor floor)
    {
        (Canvas, Dice, _seed) = (canvas, dice, dice.Below(1 << 20));
        (Left, Right) = (dice.Between(58, 92), dice.Between(308, 342));
        (Top, Bottom) = (dice.Between(46, 58), dice.Between(182, 192));
        _vanishing = new Vector2(dice.Between(175, 225), dice.Between(112, 124));
        Wall = Rgb.Hex(dice.Pick(0xE9E4DAu, 0xDDE3E4u, 0xE8DEC8u, 0xD3DBCFu, 0xE2DCE2u, 0xC9D3DBu, 0xEFE9E0u));
        Shell(floor);
    }

    public Canvas Canvas { get; }
    public Dice Dice { get; }
    public Rgb Wall { get; }
    public float Left { get; }
    public float Right { get; }
    public float Top { get; }
    public float Bottom { get; }
    public float Middle => (Left + Right) / 2;

    /// <summary>A point on the floor; <paramref name="across"/> is measured at the back wall.</summary>
    public Vector2 OnFloor(float across, float near) => _vanishing + (new Vector2(across, Bottom) - _vanishing) * near;

    /// <summary>How high something is drawn at a place, seen from the floor up; <paramref name="up"/> is measured at the back wall.</summary>
    public Vector2 Above(float across, float up, float near) => _vanishing + (new Vector2(across, Bottom - up) - _vanishing) * near;

    public void Rug(float from, float to, float far, float near, Rgb color)
    {
        Canvas.Shape(Paints.Cloth(color, _seed + 1), OnFloor(from, far), OnFloor(to, far), OnFloor(to, near), OnFloor(from, near));
        var inset = (to - from) * 0.05f;
        Canvas.Shape(Paints.Cloth(color.Mix(Rgb.Hex(0xFFFFFF), 0.35f), _seed + 2),
            OnFloor(from + inset, far + 0.05f), OnFloor(to - inset, far + 0.05f), OnFloor(to - inset, near - 0.07f),
            OnFloor(from + inset, near - 0.07f));
        Canvas.Shape(Paints.Cloth(color.Lit(0.95f), _seed + 3),
            OnFloor(from + inset * 2, far + 0.09f), OnFloor(to - inset * 2, far + 0.09f), OnFloor(to - inset * 2, near - 0.13f),
            OnFloor(from + inset * 2, near - 0.13f));
    }

    /// <summary>A window in the back wall with a garden behind it, and its light on the floor.</summary>
    public void Window(float x, float y, float width, float height, bool curtains)
    {
        var frame = Rgb.Hex(0xF7F5F0);
        Canvas.Box(frame.Lit(0.9f), x - 4, y - 4, width + 8, height + 8);
        Canvas.Box(Paints.Sky(Rgb.Hex(0x8FBBE2), Rgb.Hex(0xE9F3F8), 0.4f, _seed + 5), x, y, width, height);
        Canvas.Box(Paints.Grass(Rgb.Hex(0x9DB374), _seed + 6), x, y + height * 0.72f, width, height * 0.28f);
        for (var at = x + 4; at < x + width - 3; at += Dice.Between(6, 11))
            Plants.Crown(Canvas, Dice, at, y + height * Dice.Between(0.6f, 0.7f), MathF.Min(5, height * 0.1f), Rgb.Hex(0x86A36B), 16);
        Canvas.Box(Rgb.Hex(0xFFFFFF), x, y, width, height, 0.28f);
        var panes = MathF.Max(2, MathF.Round(width / 30));
        for (var pane = 1; pane < panes; pane++) Canvas.Box(frame, x + width * pane / panes - 1.2f, y, 2.4f, height);
        Canvas.Box(frame, x, y + height * 0.5f - 0.8f, width, 1.6f);
        Canvas.Box(frame, x - 6, y + height + 3, width + 12, 3.5f);
        Canvas.Glow(Rgb.Hex(0xFFF8E6), x + width / 2, y + height / 2, width * 1.1f, height * 1.1f, 0.3f);
        Canvas.Glow(Rgb.Hex(0xFFF6DC), x + width / 2, Bottom + 22, width * 0.9f, 24, 0.4f);
        if (!curtains) return;
        var color = Rgb.Hex(Dice.Pick(0xD8CDBBu, 0xB7C3C8u, 0xC9B5A0u, 0xE8E6E1u, 0x8D9AA3u));
        Curtain(color, x - width * 0.16f - 5, y - 9, width * 0.16f + 8);
        Curtain(color, x + width - 3, y - 9, width * 0.16f + 8);
        Canvas.Box(Rgb.Hex(0x5A4A3C), x - width * 0.16f - 8, y - 11, width * 1.32f + 16, 2.2f);
    }

    /// <summary>A framed picture on the back wall.</summary>
    public void Painting(float x, float y, float width, float height)
    {
        Canvas.Glow(Rgb.Hex(0x1A1610), x + width / 2 + 2, y + height / 2 + 3, width * 0.75f, height * 0.75f, 0.4f);
        Canvas.Box(Paints.Wood(Rgb.Hex(Dice.Pick(0x3B2F28u, 0x8A6A45u, 0x1E1E20u)), _seed), x, y, width, height);
        Canvas.Box(Rgb.Hex(0xF3EFE6), x + 2, y + 2, width - 4, height - 4);
        var (one, two) = (Rgb.Hex(Dice.Pick(0x3E6C8Fu, 0xB5653Fu, 0x4E7A5Eu, 0xC9A24Bu)), Rgb.Hex(Dice.Pick(0xE3C9A0u, 0x2E3B4Eu, 0xD9A6A0u)));
        Canvas.Box((px, py) => one.Mix(two, Noise.Cloudy(px * 0.12f, py * 0.2f, _seed + (int)x, 4)), x + 5, y + 5, width - 10, height - 10);
    }

    void Curtain(Rgb color, float x, float y, float width) =>
        Canvas.Box((px, _) => color.Lit(0.84f + 0.16f * MathF.Sin(px * 1.7f)), x, y, width, Bottom - y - 3);

    void Shell(RoomFloor floor)
    {
        var wall = Paints.Stucco(Wall, _seed);
        Canvas.Box(wall, Left, Top, Right - Left, Bottom - Top);
        Canvas.Shape(wall, At(Left, Top, 9), new(Left, Top), new(Left, Bottom), At(Left, Bottom, 9));
        Canvas.Shape(wall, new(Right, Top), At(Right, Top, 9), At(Right, Bottom, 9), new(Right, Bottom));
        Canvas.Shape(Paints.Down(Rgb.Hex(0xF1EFEA), Rgb.Hex(0xFBFAF7), -20, Top),
            At(Left, Top, 9), At(Right, Top, 9), new(Right, Top), new(Left, Top));
        Canvas.Veil(Paints.Across(Rgb.Hex(0x2A241C), Wall, -20, Left), 0.28f,
            At(Left, Top, 9), new(Left, Top), new(Left, Bottom), At(Left, Bottom, 9));
        Canvas.Veil(Paints.Across(Wall, Rgb.Hex(0x2A241C), Right, 420), 0.36f,
            new(Right, Top), At(Right, Top, 9), At(Right, Bottom, 9), new(Right, Bottom));
        Canvas.Shape(Floor(floor), new(Left, Bottom), new(Right, Bottom), At(Right, Bottom, 9), At(Left, Bottom, 9));
        var trim = Rgb.Hex(0xF6F4EF);
        Canvas.Box(trim, Left, Bottom - 5, Right - Left, 5);
        Canvas.Shape(trim.Lit(0.88f), new(Left, Bottom - 5), new(Left, Bottom), At(Left, Bottom, 9), At(Left, Bottom - 5, 9));
        Canvas.Shape(trim.Lit(0.85f), new(Right, Bottom - 5), At(Right, Bottom - 5, 9), At(Right, Bottom, 9), new(Right, Bottom));
        Canvas.Box(trim.Lit(0.95f), Left, Top, Right - Left, 3);
        foreach (var x in (ReadOnlySpan<float>)[Left, Right]) Canvas.Glow(Rgb.Hex(0x2A241C), x, (Top + Bottom) / 2, 14, (Bottom - Top) * 0.7f, 0.18f);
        Canvas.Glow(Rgb.Hex(0x1A140C), Middle, Bottom + 2, (Right - Left) * 0.62f, 14, 0.3f);
        foreach (var across in (ReadOnlySpan<float>)[0.25f, 0.75f])
        {
            var lamp = At(Left + (Right - Left) * across, Top, 1.35f);
            Canvas.Glow(Rgb.Hex(0xFFFDF2), lamp.X, lamp.Y, 26, 10, 0.8f);
            Canvas.Ellipse(Rgb.Hex(0xFFFFFF), lamp.X, lamp.Y, 6, 2.2f);
        }
    }

    Paint Floor(RoomFloor floor)
    {
        var color = Rgb.Hex(floor == RoomFloor.Wood
            ? Dice.Pick(0xA9794Fu, 0x8A6142u, 0xC09A6Bu, 0x75543Cu, 0xB08A62u)
            : Dice.Pick(0xC9C3B8u, 0xB9B9B6u, 0xD8D2C6u));
        return (x, y) =>
        {
            var near = MathF.Max(0.2f, (y - _vanishing.Y) / (Bottom - _vanishing.Y));
            var (across, along) = ((x - _vanishing.X) / near, 420 / near);
            var (column, row) = floor == RoomFloor.Wood
                ? ((int)MathF.Floor(across / 9), (int)MathF.Floor(along / 110 + Noise.Cell((int)MathF.Floor(across / 9), 1, _seed)))
                : ((int)MathF.Floor(across / 22), (int)MathF.Floor(along / 34));
            var (width, length) = floor == RoomFloor.Wood ? (9f, 110f) : (22f, 34f);
            var joint = MathF.Abs(across / width - column) < 0.05f || (floor == RoomFloor.Tile && along / length - row < 0.04f) ? 0.72f : 1;
            var grain = Noise.Cloudy(across * 0.8f, along * 0.04f, _seed + column, 3) - 0.5f;
            var tone = 0.84f + 0.2f * Noise.Cell(column, row, _seed + 1) + 0.2f * grain;
            return color.Lit(tone * joint * (1.06f - 0.05f * near));
        };
    }

    Vector2 At(float x, float y, float near) => _vanishing + (new Vector2(x, y) - _vanishing) * near;
}
