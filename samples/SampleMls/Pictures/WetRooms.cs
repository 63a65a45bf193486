using System.Numerics;

namespace ImagePipeline.SampleMls.Pictures;

/// <summary>Rooms with water: the kitchen and the bathroom.</summary>
static class WetRooms
{
    public static void Kitchen(Canvas canvas, Dice dice)
    {
        var room = new Room(canvas, dice, dice.Comes(0.5) ? RoomFloor.Wood : RoomFloor.Tile);
        var cabinet = Rgb.Hex(dice.Pick(0xF2F0EAu, 0x5E7180u, 0x8A6A48u, 0xC9CEC6u, 0x3E4A44u, 0xE3D8C4u));
        var stone = Rgb.Hex(dice.Pick(0xE7E5E0u, 0x4A4B4Eu, 0xB5AA9Au));
        var (left, right, counter) = (room.Left + 6, room.Right - 6, room.Bottom - 42);
        canvas.Box(Tiles(Rgb.Hex(dice.Pick(0xE9ECEAu, 0xC9D6D8u, 0xE5D9C6u)), dice.Below(999)), left, counter - 44, right - left, 44);
        room.Window(room.Middle - 34, room.Top + 16, 68, 56, curtains: false);
        var oven = dice.Comes(0.5) ? left + 62 : right - 96;
        Cabinets(canvas, cabinet, left, room.Top + 12, room.Middle - 44 - left, 48);
        Cabinets(canvas, cabinet, room.Middle + 44, room.Top + 12, right - room.Middle - 44, 48);
        canvas.Glow(Rgb.Hex(0x140F0A), room.Middle, room.Bottom + 6, 130, 12, 0.5f);
        Cabinets(canvas, cabinet, left, counter + 4, right - left, room.Bottom - counter);
        canvas.Box(Paints.Stucco(stone, 3), left - 3, counter, right - left + 6, 5);
        canvas.Box(Rgb.Hex(0xC7CDD1), room.Middle - 1, counter - 16, 2, 16);
        canvas.Box(Rgb.Hex(0xC7CDD1), room.Middle - 1, counter - 17, 9, 2);
        Oven(canvas, oven, counter);
        Fridge(canvas, oven < room.Middle ? right - 40 : left - 2, room.Bottom + 4);
        Island(room, cabinet.Mix(Rgb.Hex(0x2E3A46), dice.Comes(0.5) ? 0.8f : 0.1f), stone);
        foreach (var x in (ReadOnlySpan<float>)[150, 250]) Furniture.Pendant(canvas, x, 64);
    }

    public static void Bathroom(Canvas canvas, Dice dice)
    {
        var room = new Room(canvas, dice, RoomFloor.Tile);
        var mirrored = dice.Comes(0.5);
        canvas.Box(Tiles(Rgb.Hex(dice.Pick(0xDCE5E6u, 0xE8E3D8u, 0xBFD0CFu, 0xD5DDE6u)), dice.Below(999)), room.Left,
            room.Bottom - 74, room.Right - room.Left, 70);
        room.Window(mirrored ? room.Left + 20 : room.Right - 78, room.Top + 14, 56, 44, curtains: false);
        var vanity = mirrored ? room.Right - 122 : room.Left + 10;
        var (frame, wood) = (Rgb.Hex(0xBFC4C6), Rgb.Hex(dice.Pick(0x7A5A3Eu, 0xF0EEE9u, 0x4F5F6Bu)));
        canvas.Box(frame, vanity + 12, room.Top + 14, 86, 62);
        canvas.Box(Paints.Glass(room.Wall.Lit(1.05f), Rgb.Hex(0x9FB2BC), room.Top, room.Bottom, dice.Below(999)), vanity + 14, room.Top + 16, 82, 58);
        canvas.Glow(Rgb.Hex(0xFFF6DC), vanity + 55, room.Top + 12, 70, 30, 0.7f);
        foreach (var x in (ReadOnlySpan<float>)[vanity + 35, vanity + 55, vanity + 75]) canvas.Ellipse(Rgb.Hex(0xFFFCF0), x, room.Top + 9, 5, 5);
        Furniture.Block(canvas, Paints.Wood(wood, 4), Rgb.Hex(0xF4F3F0), vanity, room.Bottom + 14, 110, 50, 7);
        for (var door = 0; door < 3; door++)
        {
            canvas.Box(wood.Lit(0.7f), vanity + 5 + door * 34.5f, room.Bottom - 28, 31, 36);
            canvas.Box(Paints.Wood(wood.Lit(1.04f), 5), vanity + 6 + door * 34.5f, room.Bottom - 27, 29, 34);
        }

        canvas.Ellipse(Rgb.Hex(0xD9DEE0), vanity + 55, room.Bottom - 39, 22, 3.4f);
        canvas.Box(Rgb.Hex(0xAEB6BA), vanity + 54, room.Bottom - 54, 2.4f, 14);
        Tub(canvas, mirrored ? room.Left - 40 : room.Right - 104, 236, 150);
        Towel(canvas, dice, mirrored ? room.Left + 92 : room.Right - 104, room.Bottom - 66);
        if (dice.Comes(0.6)) Plants.Potted(canvas, dice, mirrored ? room.Right + 26 : room.Left - 26, 250, 78);
    }

    static Paint Tiles(Rgb color, int seed) => (x, y) =>
    {
        var (column, row) = (x / 9, y / 5);
        var shifted = column + ((int)MathF.Floor(row) & 1) * 0.5f;
        var joint = shifted - MathF.Floor(shifted) < 0.08f || row - MathF.Floor(row) < 0.12f;
        return color.Lit(joint ? 0.84f : 0.95f + 0.08f * Noise.Cell((int)MathF.Floor(shifted), (int)MathF.Floor(row), seed));
    };

    static void Cabinets(Canvas canvas, Rgb color, float x, float y, float width, float height)
    {
        var doors = (int)MathF.Max(1, MathF.Round(width / 27));
        canvas.Box(color.Lit(0.62f), x, y, width, height);
        for (var door = 0; door < doors; door++)
        {
            var (left, wide) = (x + door * width / doors + 0.7f, width / doors - 1.4f);
            canvas.Box(Paints.Wood(color, door, 0.1f), left, y + 0.7f, wide, height - 1.4f);
            canvas.Box(color.Lit(0.8f), left + 3.4f, y + 4, wide - 6.8f, height - 8);
            canvas.Box(Paints.Wood(color.Lit(0.97f), door + 3, 0.1f), left + 4.2f, y + 4.8f, wide - 8.4f, height - 9.6f);
            canvas.Box(Rgb.Hex(0x8F9498), (door & 1) == 0 ? left + wide - 3 : left + 1.6f, y + height / 2 - 4, 1.3f, 8);
        }

        canvas.Glow(Rgb.Hex(0x140F0A), x + width / 2, y + height + 2, width * 0.55f, 7, 0.35f);
    }

    static void Oven(Canvas canvas, float x, float counter)
    {
        var steel = Paints.Across(Rgb.Hex(0xC9CDD0), Rgb.Hex(0x8E9498), x, x + 34);
        canvas.Shape(steel, new(x + 9, counter - 66), new(x + 25, counter - 66), new(x + 36, counter - 48), new(x - 2, counter - 48));
        canvas.Box(steel, x - 2, counter - 48, 38, 5);
        canvas.Box(steel, x, counter - 1, 34, 46);
        canvas.Box(Rgb.Hex(0x1B1D20), x + 1, counter - 3, 32, 3);
        canvas.Box(Paints.Glass(Rgb.Hex(0x3A4046), Rgb.Hex(0x121416), counter + 12, counter + 36, 5), x + 4, counter + 14, 26, 22);
        canvas.Box(Rgb.Hex(0xE2E5E7), x + 3, counter + 9.5f, 28, 1.8f);
    }

    static void Fridge(Canvas canvas, float x, float foot)
    {
        canvas.Glow(Rgb.Hex(0x140F0A), x + 21, foot, 34, 8, 0.6f);
        canvas.Box(Paints.Across(Rgb.Hex(0xD2D6D9), Rgb.Hex(0x979DA2), x, x + 42), x, foot - 104, 42, 104);
        canvas.Box(Rgb.Hex(0x5E6468), x, foot - 40, 42, 1);
        canvas.Box(Rgb.Hex(0x5E6468), x + 20.6f, foot - 104, 0.9f, 64);
        foreach (var handle in (ReadOnlySpan<float>)[x + 17, x + 24]) canvas.Box(Rgb.Hex(0xEEF0F1), handle, foot - 84, 1.4f, 32);
    }

    static void Island(Room room, Rgb front, Rgb stone)
    {
        var canvas = room.Canvas;
        canvas.Glow(Rgb.Hex(0x140F0A), 200, 268, 130, 14, 0.7f);
        canvas.Shape(Paints.Stucco(stone.Lit(1.06f), 6), new(124, 206), new(276, 206), new(306, 222), new(94, 222));
        canvas.Box(stone.Lit(0.85f), 94, 222, 212, 4);
        Cabinets(canvas, front, 102, 226, 196, 42);
        canvas.Ellipse(Rgb.Hex(0xF0EDE6), 200, 211, 18, 4);
        foreach (var (x, color) in (ReadOnlySpan<(float, uint)>)[(190, 0xC8482F), (199, 0xD98A2B), (208, 0x8FA63A)])
            canvas.Ellipse(Rgb.Hex(color), x, 207, 5, 4.6f);
        foreach (var x in (ReadOnlySpan<float>)[138, 200, 262])
        {
            canvas.Box(Rgb.Hex(0x2B2420), x - 10, 252, 2.4f, 36);
            canvas.Box(Rgb.Hex(0x2B2420), x + 8, 252, 2.4f, 36);
            Furniture.Cushion(canvas, Paints.Cloth(Rgb.Hex(0xB9A68C), (int)x), x - 14, 243, 28, 10);
        }
    }

    static void Tub(Canvas canvas, float x, float foot, float width)
    {
        canvas.Glow(Rgb.Hex(0x140F0A), x + width / 2, foot, width * 0.55f, 11, 0.7f);
        Span<Vector2> body = stackalloc Vector2[13];
        for (var point = 0; point < body.Length; point++)
        {
            var (sine, cosine) = MathF.SinCos(MathF.PI * point / (body.Length - 1));
            body[point] = new(x + width * (0.5f + 0.48f * cosine), foot - 44 + 44 * MathF.Pow(MathF.Max(0, sine), 0.7f));
        }

        canvas.Shape(Paints.Down(Rgb.Hex(0xFDFDFC), Rgb.Hex(0xB9BEC0), foot - 46, foot), body);
        canvas.Ellipse(Rgb.Hex(0xFBFBFA), x + width / 2, foot - 44, width / 2, 10);
        canvas.Ellipse(Paints.Down(Rgb.Hex(0xC5CCCF), Rgb.Hex(0xEDF0F0), foot - 51, foot - 37), x + width / 2, foot - 43, width / 2 - 6, 7);
    }

    static void Towel(Canvas canvas, Dice dice, float x, float y)
    {
        var color = Rgb.Hex(dice.Pick(0x7FA3A8u, 0xE8DFD0u, 0xB5796Au, 0x5E6E84u));
        canvas.Box(Rgb.Hex(0xAEB6BA), x - 4, y, 30, 1.6f);
        canvas.Box((px, _) => color.Lit(0.92f + 0.06f * MathF.Sin(px * 0.9f)), x, y, 22, 34);
        canvas.Box(color.Lit(0.8f), x, y + 28, 22, 2);
    }
}
