namespace ImagePipeline.SampleMls.Pictures;

/// <summary>Things that stand in more than one kind of room, seen from the front.</summary>
static class Furniture
{
    static readonly Rgb Shade = Rgb.Hex(0x140F0A);

    /// <summary>A solid thing: front, lighter top face, shadow on the floor.</summary>
    public static void Block(Canvas canvas, Paint front, Rgb top, float x, float foot, float width, float height, float depth)
    {
        canvas.Glow(Shade, x + width / 2, foot + 1, width * 0.66f, 9, 0.6f);
        canvas.Shape(top,
            new(x + depth * 0.6f, foot - height - depth), new(x + width - depth * 0.6f, foot - height - depth), new(x + width, foot - height),
            new(x, foot - height));
        canvas.Box(front, x, foot - height, width, height);
        canvas.Box(Paints.Down(Rgb.Hex(0xFFFFFF), Shade, foot - height, foot), x, foot - height, width, height, 0.14f);
    }

    public static void Sofa(Canvas canvas, Dice dice, Rgb color, float x, float foot, float width)
    {
        var cloth = Paints.Cloth(color, dice.Below(1000));
        canvas.Glow(Shade, x + width / 2, foot + 1, width * 0.62f, 11, 0.75f);
        canvas.Box(Rgb.Hex(0x3A2A1E), x + 6, foot - 4, 4, 5);
        canvas.Box(Rgb.Hex(0x3A2A1E), x + width - 10, foot - 4, 4, 5);
        Cushion(canvas, cloth, x + 5, foot - 50, width - 10, 34);
        for (var seat = 0; seat < 2; seat++)
        {
            Cushion(canvas, Paints.Cloth(color.Lit(1.06f), 7 + seat), x + 10 + seat * (width - 20) / 2, foot - 46, (width - 20) / 2, 26);
            Cushion(canvas, Paints.Cloth(color.Lit(1.12f), 17 + seat), x + 8 + seat * (width - 16) / 2, foot - 25, (width - 16) / 2, 11);
        }

        canvas.Box(cloth, x + 6, foot - 15, width - 12, 12);
        canvas.Box(Shade, x + 6, foot - 15, width - 12, 2, 0.3f);
        Cushion(canvas, Paints.Cloth(color.Lit(0.94f), 3), x - 3, foot - 36, 14, 33);
        Cushion(canvas, Paints.Cloth(color.Lit(0.94f), 4), x + width - 11, foot - 36, 14, 33);
        var pillow = Rgb.Hex(dice.Pick(0xC9803Eu, 0xE3DCC9u, 0x3F6A6Eu, 0xA84A3Cu, 0xD9B24Bu));
        Cushion(canvas, Paints.Cloth(pillow, 5), x + 14, foot - 44, 20, 19);
        Cushion(canvas, Paints.Cloth(pillow.Lit(0.85f), 6), x + width - 36, foot - 43, 20, 18);
    }

    /// <summary>A soft box: round corners, light above, shadow below.</summary>
    public static void Cushion(Canvas canvas, Paint cloth, float x, float y, float width, float height)
    {
        var radius = MathF.Min(5, MathF.Min(width, height) / 2.2f);
        canvas.Box(cloth, x + radius, y, width - radius * 2, height);
        canvas.Box(cloth, x, y + radius, width, height - radius * 2);
        foreach (var corner in (ReadOnlySpan<float>)[x + radius, x + width - radius])
        {
            canvas.Ellipse(cloth, corner, y + radius, radius, radius);
            canvas.Ellipse(cloth, corner, y + height - radius, radius, radius);
        }

        canvas.Glow(Rgb.Hex(0xFFFFFF), x + width * 0.42f, y + height * 0.25f, width * 0.5f, height * 0.45f, 0.16f);
        canvas.Box(Shade, x + radius, y + height - 2, width - radius * 2, 2, 0.22f);
    }

    public static void Table(Canvas canvas, Dice dice, float x, float foot, float width, float height, float depth)
    {
        var wood = Rgb.Hex(dice.Pick(0x6B4A30u, 0x8A6845u, 0x3F3129u, 0xB08D62u));
        canvas.Glow(Shade, x + width / 2, foot, width * 0.6f, 10, 0.6f);
        foreach (var leg in (ReadOnlySpan<float>)[x + depth, x + width - depth - 4])
            canvas.Box(wood.Lit(0.55f), leg, foot - height, 3.4f, height - depth * 0.6f);
        foreach (var leg in (ReadOnlySpan<float>)[x + 2, x + width - 7]) canvas.Box(Paints.Wood(wood.Lit(0.8f), 3), leg, foot - height, 5, height);
        canvas.Shape(Paints.Wood(wood.Lit(1.25f), 2),
            new(x + depth, foot - height - depth), new(x + width - depth, foot - height - depth), new(x + width + 2, foot - height),
            new(x - 2, foot - height));
        canvas.Box(Paints.Wood(wood.Lit(0.9f), 4), x - 2, foot - height, width + 4, 4.5f);
    }

    public static void FloorLamp(Canvas canvas, float x, float foot, float height)
    {
        canvas.Glow(Shade, x, foot, 14, 4, 0.6f);
        canvas.Box(Rgb.Hex(0x2A2A2C), x - 1, foot - height, 2, height);
        canvas.Ellipse(Rgb.Hex(0x2A2A2C), x, foot, 9, 2.4f);
        LampShade(canvas, x, foot - height, 15, 22);
    }

    public static void TableLamp(Canvas canvas, Dice dice, float x, float foot)
    {
        canvas.Ellipse(Rgb.Hex(dice.Pick(0x7C98A6u, 0xC9C1B0u, 0x9A6A4Bu)), x, foot - 7, 5, 7);
        LampShade(canvas, x, foot - 13, 10, 14);
    }

    public static void Pendant(Canvas canvas, float x, float y)
    {
        canvas.Box(Rgb.Hex(0x2B2B2D), x - 0.6f, -300, 1.2f, 300 + y);
        LampShade(canvas, x, y + 12, 11, 12);
    }

    static void LampShade(Canvas canvas, float x, float bottom, float half, float height)
    {
        canvas.Glow(Rgb.Hex(0xFFE9B8), x, bottom - height / 2, half * 4, height * 2.6f, 0.5f);
        canvas.Shape(Paints.Down(Rgb.Hex(0xF7E7C3), Rgb.Hex(0xFFF6DF), bottom - height, bottom),
            new(x - half * 0.62f, bottom - height), new(x + half * 0.62f, bottom - height), new(x + half, bottom), new(x - half, bottom));
    }
}
