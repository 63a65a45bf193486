namespace ImagePipeline.SampleMls.Pictures;

/// <summary>Furnished rooms.</summary>
static class Rooms
{
    public static void Living(Canvas canvas, Dice dice)
    {
        var room = new Room(canvas, dice, RoomFloor.Wood);
        var mirrored = dice.Comes(0.5);
        var windowX = mirrored ? room.Left + 16 : room.Right - 106;
        room.Window(windowX, room.Top + 22, 90, 72, curtains: true);
        var wallX = mirrored ? room.Right - 92 : room.Left + 24;
        if (dice.Comes(0.5))
        {
            room.Painting(wallX, room.Top + 24, 58, 40);
        }
        else
        {
            room.Painting(wallX, room.Top + 22, 26, 34);
            room.Painting(wallX + 34, room.Top + 22, 26, 34);
        }

        room.Rug(130, 270, 1.12f, 2.05f, Rgb.Hex(dice.Pick(0x8A3B33u, 0x4A6076u, 0xB8A78Eu, 0x5E6B58u)));
        var sofa = Rgb.Hex(dice.Pick(0x6F7B86u, 0xB8A58Au, 0x47576Bu, 0x8A8F78u, 0xA86B4Cu, 0xD2CCC0u));
        Furniture.Sofa(canvas, dice, sofa, mirrored ? room.Right - 126 : room.Left + 6, room.Bottom + 12, 122);
        Plants.Potted(canvas, dice, mirrored ? room.Left + 8 : room.Right - 8, room.Bottom + 14, 66);
        Furniture.FloorLamp(canvas, mirrored ? room.Right + 12 : room.Left - 12, room.Bottom + 22, 92);
        Furniture.Table(canvas, dice, dice.Between(150, 170), 250, 90, 22, 12);
        if (!dice.Comes(0.6)) return;
        var x = mirrored ? 40f : 290f;
        Furniture.Cushion(canvas, Paints.Cloth(sofa.Mix(Rgb.Hex(0xD9A24B), 0.55f), 3), x, 196, 70, 62);
        Furniture.Cushion(canvas, Paints.Cloth(sofa.Mix(Rgb.Hex(0xD9A24B), 0.5f).Lit(0.85f), 4), x - 8, 220, 16, 44);
        Furniture.Cushion(canvas, Paints.Cloth(sofa.Mix(Rgb.Hex(0xD9A24B), 0.5f).Lit(0.85f), 5), x + 62, 220, 16, 44);
        Furniture.Cushion(canvas, Paints.Cloth(sofa.Mix(Rgb.Hex(0xD9A24B), 0.5f).Lit(1.1f), 6), x + 8, 232, 54, 32);
    }

    public static void Bedroom(Canvas canvas, Dice dice)
    {
        var room = new Room(canvas, dice, RoomFloor.Wood);
        var middle = room.Middle + dice.Between(-24, 24);
        room.Window(dice.Comes(0.5) ? room.Left + 14 : room.Right - 70, room.Top + 20, 56, 76, curtains: true);
        if (dice.Comes(0.6)) room.Painting(middle - 26, room.Top + 16, 52, 34);
        room.Rug(middle - 82, middle + 82, 1.25f, 2.1f, Rgb.Hex(dice.Pick(0xC9BBA4u, 0x7D8A94u, 0x9B6B5Eu)));
        foreach (var side in (ReadOnlySpan<float>)[middle - 80, middle + 52])
        {
            Furniture.Block(canvas, Paints.Wood(Rgb.Hex(0x7A5A3E), 3), Rgb.Hex(0x96714F), side, room.Bottom + 8, 28, 26, 5);
            canvas.Box(Rgb.Hex(0x3A2A1C), side + 3, room.Bottom - 6, 22, 0.8f);
            Furniture.TableLamp(canvas, dice, side + 14, room.Bottom - 20);
        }

        var board = Rgb.Hex(dice.Pick(0x6B4A33u, 0x8C939Bu, 0xD6C8B2u, 0x4A4E57u));
        Furniture.Cushion(canvas, Paints.Cloth(board, 8), middle - 52, room.Bottom - 62, 104, 62);
        Bed(room, middle);
    }

    static void Bed(Room room, float middle)
    {
        var (canvas, dice) = (room.Canvas, room.Dice);
        var cover = Rgb.Hex(dice.Pick(0xE9E6E0u, 0x8FA3B0u, 0xB7C0A8u, 0xD8BFA6u, 0x5C6E85u));
        var linen = Rgb.Hex(0xF6F4F0);
        canvas.Glow(Rgb.Hex(0x140F0A), middle, 262, 110, 16, 0.7f);
        canvas.Shape(Paints.Cloth(linen, 2), new(middle - 46, 160), new(middle + 46, 160), new(middle + 50, 180), new(middle - 50, 180));
        foreach (var x in (ReadOnlySpan<float>)[middle - 46, middle + 4])
            Furniture.Cushion(canvas, Paints.Cloth(linen.Lit(0.97f), (int)x), x, 142, 42, 24);
        var accent = Rgb.Hex(dice.Pick(0xC9803Eu, 0x3F6A6Eu, 0xA8746Au, 0x6E7F5Au));
        Furniture.Cushion(canvas, Paints.Cloth(accent, 12), middle - 17, 150, 34, 19);
        canvas.Shape(Paints.Cloth(cover, 3), new(middle - 50, 176), new(middle + 50, 176), new(middle + 70, 222), new(middle - 70, 222));
        canvas.Veil(Paints.Down(Rgb.Hex(0xFFFFFF), cover, 176, 222), 0.25f,
            new(middle - 50, 176), new(middle + 50, 176), new(middle + 70, 222), new(middle - 70, 222));
        canvas.Box((x, y) => cover.Lit(0.74f + 0.07f * MathF.Sin(x * 0.5f + y * 0.03f)), middle - 70, 221, 140, 36);
        canvas.Shape(Paints.Cloth(accent.Lit(0.95f), 4),
            new(middle - 62, 204), new(middle + 62, 204), new(middle + 70.5f, 222), new(middle - 70.5f, 222));
        canvas.Box((x, _) => accent.Lit(0.7f + 0.06f * MathF.Sin(x * 0.6f)), middle - 70.5f, 221.5f, 141, 20);
    }

    public static void Dining(Canvas canvas, Dice dice)
    {
        var room = new Room(canvas, dice, RoomFloor.Wood);
        room.Window(room.Middle - 62, room.Top + 18, 124, 84, curtains: dice.Comes(0.7));
        Plants.Potted(canvas, dice, dice.Comes(0.5) ? room.Left + 16 : room.Right - 16, room.Bottom + 10, 74);
        room.Rug(110, 290, 1.08f, 1.85f, Rgb.Hex(dice.Pick(0x9A8F80u, 0x6E4038u, 0x5F7280u)));
        var seat = Rgb.Hex(dice.Pick(0xD8CDBCu, 0x5B6670u, 0x8B5E3Cu, 0xB7BDB2u));
        var middle = room.Middle;
        foreach (var x in (ReadOnlySpan<float>)[middle - 62, middle - 15, middle + 32]) Chair(canvas, seat, x, 208, 30, 56);
        Furniture.Table(canvas, dice, middle - 92, 246, 184, 48, 20);
        canvas.Ellipse(Rgb.Hex(0xE9E4DA), middle, 188, 14, 4);
        Plants.Crown(canvas, dice, middle, 178, 11, Rgb.Hex(0x6E8F5A), 60);
        foreach (var x in (ReadOnlySpan<float>)[middle - 72, middle + 34]) Chair(canvas, seat.Lit(0.9f), x, 274, 38, 74);
        foreach (var x in (ReadOnlySpan<float>)[middle - 44, middle, middle + 44]) Furniture.Pendant(canvas, x, room.Top + 8);
    }

    static void Chair(Canvas canvas, Rgb seat, float x, float foot, float width, float height)
    {
        var wood = Rgb.Hex(0x4A3524);
        canvas.Glow(Rgb.Hex(0x140F0A), x + width / 2, foot, width * 0.7f, 5, 0.6f);
        canvas.Box(wood, x + 2, foot - height * 0.45f, 3, height * 0.45f);
        canvas.Box(wood, x + width - 5, foot - height * 0.45f, 3, height * 0.45f);
        Furniture.Cushion(canvas, Paints.Cloth(seat, (int)x), x, foot - height, width, height * 0.52f);
        Furniture.Cushion(canvas, Paints.Cloth(seat.Lit(1.06f), (int)x), x - 1, foot - height * 0.5f, width + 2, height * 0.14f);
    }
}
