namespace ImagePipeline.SampleMls.Pictures;

/// <summary>Trees, shrubs and plants in pots: many small leaves, light from the upper left.</summary>
static class Plants
{
    public static void Tree(Canvas canvas, Dice dice, float x, float foot, float height, float light)
    {
        var green = Rgb.Hex(dice.Pick(0x4F7A35u, 0x3F6B33u, 0x5F8240u, 0x6B8A3Au)).Lit(light);
        canvas.Glow(Rgb.Hex(0x0E1408), x + height * 0.12f, foot + 1, height * 0.38f, height * 0.07f, 0.6f);
        canvas.Shape(Paints.Wood(Rgb.Hex(0x5C4735).Lit(light), (int)x, 0.5f),
            new(x - height * 0.018f, foot - height * 0.6f), new(x + height * 0.018f, foot - height * 0.6f),
            new(x + height * 0.03f, foot + 2), new(x - height * 0.03f, foot + 2));
        if (dice.Comes(0.25))
        {
            Conifer(canvas, dice, x, foot, height, green.Lit(0.75f));
            return;
        }

        for (var part = 0; part < 6; part++)
        {
            var (dx, dy) = (dice.Between(-0.2f, 0.2f) * height, dice.Between(-0.16f, 0.16f) * height);
            Crown(canvas, dice, x + dx, foot - height * 0.66f + dy, height * dice.Between(0.15f, 0.22f), green, 90);
        }
    }

    public static void Shrub(Canvas canvas, Dice dice, float x, float foot, float radius, float light)
    {
        canvas.Glow(Rgb.Hex(0x0E1408), x + 2, foot + 1, radius * 1.6f, radius * 0.5f, 0.6f);
        Crown(canvas, dice, x, foot - radius * 0.8f, radius, Rgb.Hex(dice.Pick(0x4A6E34u, 0x3C5F36u, 0x6B7F3Cu)).Lit(light), 60);
        if (!dice.Comes(0.35)) return;
        var blossom = Rgb.Hex(dice.Pick(0xE7A6B5u, 0xF3E9EEu, 0xB77FC4u)).Lit(light);
        for (var i = 0; i < 14; i++)
            canvas.Ellipse(blossom, x + dice.Between(-radius, radius) * 0.8f, foot - radius * dice.Between(0.4f, 1.5f), 0.9f, 0.9f);
    }

    public static void Potted(Canvas canvas, Dice dice, float x, float foot, float height)
    {
        var pot = Rgb.Hex(dice.Pick(0xB5653Fu, 0xE7E2D8u, 0x4B5158u));
        canvas.Glow(Rgb.Hex(0x100C08), x, foot, height * 0.26f, height * 0.07f, 0.6f);
        for (var leaf = 0; leaf < 34; leaf++)
        {
            var (across, up) = (dice.Between(-0.27f, 0.27f) * height, dice.Between(0.34f, 1) * height);
            canvas.Ellipse(Rgb.Hex(0x4C7A42).Lit(dice.Between(0.6f, 1.25f)), x + across, foot - up, height * 0.035f, height * 0.1f);
        }

        canvas.Shape(Paints.Across(pot.Lit(1.1f), pot.Lit(0.6f), x - height * 0.14f, x + height * 0.14f),
            new(x - height * 0.15f, foot - height * 0.32f), new(x + height * 0.15f, foot - height * 0.32f),
            new(x + height * 0.1f, foot), new(x - height * 0.1f, foot));
    }

    public static void Crown(Canvas canvas, Dice dice, float x, float y, float radius, Rgb green, int leaves)
    {
        canvas.Ellipse(green.Lit(0.55f), x, y, radius * 0.92f, radius * 0.86f);
        for (var leaf = 0; leaf < leaves; leaf++)
        {
            var (angle, far) = (dice.Between(0, MathF.Tau), MathF.Sqrt(dice.Between(0, 1)));
            var (dx, dy) = (MathF.Cos(angle) * far, MathF.Sin(angle) * far * 0.92f);
            var light = 0.82f - 0.22f * dx - 0.36f * dy + dice.Between(-0.18f, 0.18f);
            var size = radius * dice.Between(0.08f, 0.17f);
            canvas.Ellipse(green.Lit(light), x + dx * radius, y + dy * radius, size, size * 0.8f, 0.85f);
        }
    }

    static void Conifer(Canvas canvas, Dice dice, float x, float foot, float height, Rgb green)
    {
        for (var tier = 0; tier < 9; tier++)
        {
            var top = foot - height * (0.2f + 0.09f * tier);
            var half = height * 0.2f * (1 - tier / 10f);
            canvas.Shape(green.Lit(0.62f + 0.05f * tier), new(x, top - height * 0.16f), new(x + half, top), new(x - half, top));
            for (var needle = 0; needle < 22; needle++)
            {
                var at = dice.Between(-1, 1);
                canvas.Ellipse(green.Lit(0.95f - 0.3f * at + dice.Between(-0.2f, 0.2f)), x + at * half * 0.85f,
                    top - dice.Between(0, height * 0.07f) * (1 - MathF.Abs(at)), 1.8f, 1.1f, 0.8f);
            }
        }
    }
}
