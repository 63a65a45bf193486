namespace ImagePipeline.SampleMls.Pictures;

/// <summary>A house seen from the street or from its garden.</summary>
sealed class Exterior
{
    // Where the ground begins, and where the house stands on it.
    const float Horizon = 188, Ground = 232;

    readonly Canvas _canvas;
    readonly Dice _dice;
    readonly int _seed;
    readonly bool _evening;
    readonly bool _garden;
    readonly Rgb _roof, _trim, _accent;
    readonly Paint _wall, _gable;

    Exterior(Canvas canvas, Dice dice, bool garden)
    {
        (_canvas, _dice, _garden, _seed) = (canvas, dice, garden, dice.Below(1 << 20));
        _evening = dice.Comes(0.25);
        _roof = Rgb.Hex(dice.Pick(0x4A4A4Fu, 0x5B4A42u, 0x6E5A4Eu, 0x3F4650u, 0x7A4B3Cu)).Lit(_evening ? 0.7f : 1);
        _trim = Rgb.Hex(dice.Pick(0xF4F2ECu, 0xECE7DBu, 0xF7F7F5u)).Lit(_evening ? 0.72f : 1);
        _accent = Rgb.Hex(dice.Pick(0x9C2F2Au, 0x23415Fu, 0x2E4A36u, 0x1F2226u, 0x6B4226u, 0xC8963Eu));
        var color = Rgb.Hex(dice.Pick(0xD9CFBCu, 0xB9C4C9u, 0xE8E2D2u, 0x9FB0A3u, 0xC9B79Cu, 0x8C9AA8u, 0xE6D3A8u)).Lit(_evening ? 0.7f : 1);
        var brick = Rgb.Hex(dice.Pick(0xA5573Fu, 0x8F4B3Cu, 0xB98B6Au)).Lit(_evening ? 0.7f : 1);
        _wall = dice.Below(3) switch { 0 => Paints.Siding(color, _seed), 1 => Paints.Brick(brick, _seed), _ => Paints.Stucco(color, _seed) };
        _gable = dice.Comes(0.5) ? Paints.Siding(color.Lit(0.94f), _seed + 1) : _wall;
    }

    public static void Paint(Canvas canvas, Dice dice, bool garden) => new Exterior(canvas, dice, garden).Paint();

    void Paint()
    {
        Surroundings();
        var storeys = _dice.Comes(0.5) ? 2 : 1;
        var mirrored = _dice.Comes(0.5);
        var (main, wing) = (_dice.Between(150, 180), _dice.Between(82, 96));
        var left = 200 - (main + wing * 0.7f) / 2;
        var (mainX, wingX) = mirrored ? (left + wing * 0.7f, left) : (left, left + main - wing * 0.3f);

        Pavement(mirrored ? wingX + wing / 2 : wingX + wing / 2, mainX + main * 0.4f);
        _canvas.Glow(Rgb.Hex(0x101408), 200, Ground + 2, 150, 12, 0.55f);
        Main(mainX, main, storeys);
        Wing(wingX, wing, _garden ? "windows" : "garage");
        var bayX = mirrored ? mainX + main - 66 : mainX + 4;
        Wing(bayX, 62, "windows");
        Door((mirrored ? mainX + wing * 0.3f + bayX : bayX + 62 + wingX) / 2 - 9);
        Front(mainX, main);
    }

    void Surroundings()
    {
        var (zenith, horizon) = _evening
            ? (Rgb.Hex(0x4A5C8C), Rgb.Hex(0xF2B98A))
            : _dice.Pick((Rgb.Hex(0x4D8FD6), Rgb.Hex(0xCFE3F3)), (Rgb.Hex(0x6E9CC8), Rgb.Hex(0xDDE7EC)), (Rgb.Hex(0x9FB0BE), Rgb.Hex(0xDCE1E4)));
        _canvas.Box(Paints.Sky(zenith, horizon, _dice.Between(0.1f, 0.7f), _seed), -200, -300, 800, Horizon + 304);
        var light = _evening ? 0.6f : 1;
        for (var x = -40f; x < 440; x += _dice.Between(9, 17))
            Plants.Crown(_canvas, _dice, x, Horizon - _dice.Between(2, 14), _dice.Between(12, 20), Rgb.Hex(0x5E7B5A).Lit(light * 0.95f), 26);
        foreach (var x in (ReadOnlySpan<float>)[_dice.Between(0, 45), _dice.Between(350, 400), _dice.Between(120, 280)])
            Plants.Tree(_canvas, _dice, x, Horizon + 8, _dice.Between(80, 120), light);
        var grass = Rgb.Hex(_dice.Pick(0x6F8F3Au, 0x5F8A3Cu, 0x85903Eu)).Lit(light);
        _canvas.Box(Paints.Grass(grass, _seed), -200, Horizon, 800, 500);
        _canvas.Glow(grass.Lit(1.25f), 200, Horizon, 320, 16, 0.4f);
    }

    void Pavement(float driveX, float pathX)
    {
        var concrete = Paints.Stucco(Rgb.Hex(0xB5B1A8).Lit(_evening ? 0.7f : 1), _seed + 7);
        if (_garden)
        {
            _canvas.Shape(Paints.Brick(Rgb.Hex(0xA89A88), _seed + 8), new(90, Ground - 4), new(310, Ground - 4), new(350, 268), new(50, 268));
            return;
        }

        _canvas.Shape(concrete, new(driveX - 34, Ground - 2), new(driveX + 34, Ground - 2), new(driveX + 74, 330), new(driveX - 62, 330));
        _canvas.Shape(concrete, new(pathX - 8, Ground - 2), new(pathX + 8, Ground - 2), new(pathX + 30, 330), new(pathX - 10, 330));
        _canvas.Box(concrete, -200, 284, 800, 8);
        _canvas.Box(Paints.Stucco(Rgb.Hex(0x6B6B6E).Lit(_evening ? 0.7f : 1), _seed + 2), -200, 292, 800, 300);
    }

    void Main(float x, float width, int storeys)
    {
        var height = storeys == 2 ? 92f : 52f;
        var eave = Ground - height;
        var rise = _dice.Between(34, 46);
        if (_dice.Comes(0.6)) _canvas.Box(Paints.Brick(Rgb.Hex(0x8A5646), _seed + 4), x + width * 0.72f, eave - rise - 14, 14, rise);
        Walls(x, width, eave);
        _canvas.Shape(Paints.Shingles(_roof, _seed),
            new(x + 18, eave - rise), new(x + width - 18, eave - rise), new(x + width + 9, eave + 3), new(x - 9, eave + 3));
        _canvas.Veil(Paints.Down(Rgb.Hex(0xFFF3DC), _roof, eave - rise, eave), 0.16f,
            new(x + 18, eave - rise), new(x + width - 18, eave - rise), new(x + width + 9, eave), new(x - 9, eave));
        _canvas.Box(_trim, x - 9, eave + 2, width + 18, 4);
        for (var at = x + 14; at + 20 < x + width; at += (width - 20) / 4)
        {
            if (storeys == 2) Window(at, eave + 16, 18, 24);
            Window(at, Ground - 40, 18, 26);
        }
    }

    void Wing(float x, float width, string front)
    {
        var eave = Ground - _dice.Between(50, 56);
        var peak = eave - width * _dice.Between(0.36f, 0.46f);
        var middle = x + width / 2;
        Walls(x, width, eave);
        _canvas.Shape(_gable, new(middle, peak), new(x + width, eave + 1), new(x, eave + 1));
        _canvas.Shape(Paints.Shingles(_roof, _seed), new(middle, peak - 7), new(middle, peak + 2), new(x - 6, eave + 6), new(x - 9, eave + 2));
        _canvas.Shape(Paints.Shingles(_roof.Lit(0.85f), _seed),
            new(middle, peak - 7), new(x + width + 9, eave + 2), new(x + width + 6, eave + 6), new(middle, peak + 2));
        _canvas.Shape(_trim, new(middle, peak + 1), new(middle, peak + 6), new(x - 4, eave + 8), new(x - 7, eave + 5));
        _canvas.Shape(_trim.Lit(0.93f), new(middle, peak + 1), new(x + width + 7, eave + 5), new(x + width + 4, eave + 8), new(middle, peak + 6));
        Window(middle - 6, peak + (eave - peak) * 0.52f, 12, 12);
        if (front == "garage") GarageDoor(x + 8, width - 16);
        else Window(middle - 19, Ground - 40, 38, 27);
    }

    void Walls(float x, float width, float eave)
    {
        _canvas.Box(_wall, x, eave, width, Ground - eave);
        _canvas.Box(Paints.Down(Rgb.Hex(0x141820), Rgb.Hex(0x404040), eave, eave + 12), x, eave + 3, width, 8, 0.3f);
        _canvas.Box(Paints.Across(Rgb.Hex(0xFFE9C0), Rgb.Hex(0x20242C), x, x + width), x, eave, width, Ground - eave, 0.13f);
        _canvas.Box(Paints.Stucco(Rgb.Hex(0x8B857C).Lit(_evening ? 0.6f : 1), _seed + 3), x, Ground - 5, width, 5);
    }

    void Window(float x, float y, float width, float height)
    {
        var lit = _evening && _dice.Comes(0.7);
        var (upper, lower) = lit ? (Rgb.Hex(0xFFD58A), Rgb.Hex(0xE39A45)) : (Rgb.Hex(0x5F7C94), Rgb.Hex(0x2B3A46));
        _canvas.Box(_trim, x - 2.5f, y - 2.5f, width + 5, height + 5);
        _canvas.Box(Paints.Glass(upper, lower, y, y + height, _seed + (int)x), x, y, width, height);
        _canvas.Box(Rgb.Hex(0x0C1014), x, y, width, 2.5f, 0.4f);
        for (var pane = 1; pane < MathF.Max(2, width / 9); pane++)
            _canvas.Box(_trim, x + width * pane / MathF.Max(2, MathF.Floor(width / 9)) - 0.5f, y, 1, height);
        _canvas.Box(_trim, x, y + height / 2 - 0.6f, width, 1.2f);
        _canvas.Box(_trim.Lit(0.85f), x - 4, y + height + 2, width + 8, 2.4f);
    }

    void GarageDoor(float x, float width)
    {
        var top = Ground - 42;
        _canvas.Box(_trim, x - 3, top - 3, width + 6, 45);
        _canvas.Box(Paints.Down(_trim.Lit(0.8f), _trim.Lit(0.95f), top, Ground), x, top, width, 42);
        for (var row = 0; row < 4; row++)
        {
            for (var column = 0; column < 4; column++)
            {
                var (left, upper) = (x + 2 + column * (width - 2) / 4, top + 2 + row * 10.2f);
                _canvas.Box(_trim.Lit(0.68f), left, upper, width / 4 - 3, 8);
                Paint panel = row == 0 ? Paints.Glass(Rgb.Hex(0x6B8496), Rgb.Hex(0x34434F), upper, upper + 8, _seed) : _trim.Lit(0.9f);
                _canvas.Box(panel, left + 0.8f, upper + 0.8f, width / 4 - 4.6f, 6.8f);
            }
        }
    }

    void Door(float x)
    {
        _canvas.Box(_trim, x - 3, Ground - 47, 24, 44);
        _canvas.Box(Paints.Wood(_accent.Lit(_evening ? 0.75f : 1), _seed), x, Ground - 44, 18, 41);
        foreach (var y in (ReadOnlySpan<float>)[Ground - 22, Ground - 12]) _canvas.Box(_accent.Lit(0.7f), x + 3, y, 12, 7, 0.8f);
        _canvas.Box(Paints.Glass(Rgb.Hex(0xE8D7A8), Rgb.Hex(0x9C8C66), Ground - 40, Ground - 26, _seed), x + 3, Ground - 41, 12, 15);
        _canvas.Ellipse(Rgb.Hex(0xD9B65A), x + 15.5f, Ground - 22, 1, 1);
        _canvas.Box(Rgb.Hex(0xA7A29A), x - 7, Ground - 4, 32, 4);
        _canvas.Box(Rgb.Hex(0x8E8A83), x - 11, Ground, 40, 4);
        if (_evening) _canvas.Glow(Rgb.Hex(0xFFC873), x + 9, Ground - 46, 40, 34, 0.5f);
    }

    void Front(float x, float width)
    {
        var light = _evening ? 0.6f : 1;
        for (var at = x - 6; at < x + width + 30; at += _dice.Between(12, 26))
        {
            if (_dice.Comes(0.62)) Plants.Shrub(_canvas, _dice, at, Ground + 5, _dice.Between(5, 9), light);
        }

        if (_dice.Comes(0.6)) Plants.Tree(_canvas, _dice, _dice.Pick(22f, 376f), 262, _dice.Between(100, 135), light);
    }
}
