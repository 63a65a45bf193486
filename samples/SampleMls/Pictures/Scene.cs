using NetVips;

namespace ImagePipeline.SampleMls.Pictures;

/// <summary>
/// One drawn picture, kept as a JPEG whose rows of blocks are each decodable on their own, and the pixels under its label. A photo is this
/// picture with the rows of the label exchanged (<see cref="Photo"/>), so thousands of photos, each with bytes and a readable name of its
/// own, cost no more than a few dozen drawings.
/// </summary>
sealed class Scene
{
    const int Quality = 85;

    readonly byte[] _jpeg;
    readonly byte[] _strip;
    readonly int _columns, _stripRows;
    readonly int _firstSegment, _from, _to;

    Scene(byte[] jpeg, byte[] pixels, int columns, int rows)
    {
        (_jpeg, _columns) = (jpeg, columns);
        (_firstSegment, var segments) = LabelRows(columns, rows);
        _stripRows = Math.Min(segments * RestartJpeg.BlockRows, rows - _firstSegment * RestartJpeg.BlockRows);
        var rowBytes = columns * 3;
        _strip = pixels.AsSpan(_firstSegment * RestartJpeg.BlockRows * rowBytes, _stripRows * rowBytes).ToArray();
        Label.Darken(_strip);
        (_from, _to) = RestartJpeg.Segments(jpeg, _firstSegment, segments);
    }

    public static Scene Draw(SceneKind kind, int seed, int columns, int rows)
    {
        var dice = new Dice(seed, kind.ToString());
        var canvas = new Canvas(columns, rows, kind is SceneKind.FrontOfStructure or SceneKind.BackOfStructure ? 1.22f : 1.1f);
        Compose(kind, canvas, dice);
        canvas.Develop(seed);
        return new Scene(Encode(canvas.Pixels, columns, rows), canvas.Pixels, columns, rows);
    }

    /// <summary>This picture with a label of its own.</summary>
    public Picture Photo(string label)
    {
        var pixels = (byte[])_strip.Clone();
        Label.Write(pixels, _columns, _stripRows, label);
        var strip = Encode(pixels, _columns, _stripRows);
        return new Picture(_jpeg.AsMemory(0, _from), RestartJpeg.Renumbered(strip, _firstSegment), _jpeg.AsMemory(_to));
    }

    static void Compose(SceneKind kind, Canvas canvas, Dice dice)
    {
        switch (kind)
        {
            case SceneKind.FrontOfStructure: Exterior.Paint(canvas, dice, garden: false); break;
            case SceneKind.BackOfStructure: Exterior.Paint(canvas, dice, garden: true); break;
            case SceneKind.LivingRoom: Rooms.Living(canvas, dice); break;
            case SceneKind.Kitchen: WetRooms.Kitchen(canvas, dice); break;
            case SceneKind.DiningRoom: Rooms.Dining(canvas, dice); break;
            case SceneKind.Bedroom: Rooms.Bedroom(canvas, dice); break;
            case SceneKind.Bathroom: WetRooms.Bathroom(canvas, dice); break;
            default: throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such scene.");
        }
    }

    // The label stands near the lower edge, but not in the last row of blocks, which may be cut off.
    static (int First, int Count) LabelRows(int columns, int rows)
    {
        var all = (rows + RestartJpeg.BlockRows - 1) / RestartJpeg.BlockRows;
        var count = Math.Min(all, (Label.Height(columns) + RestartJpeg.BlockRows - 1) / RestartJpeg.BlockRows);
        return (Math.Max(0, all - count - 1), count);
    }

    // The same tables for every picture and for every label, and a restart after each row of blocks: what makes the exchange possible.
    static byte[] Encode(byte[] pixels, int columns, int rows)
    {
        using var image = Image.NewFromMemory(pixels, columns, rows, 3, Enums.BandFormat.Uchar);
        using var photo = image.Copy(interpretation: Enums.Interpretation.Srgb);
        return photo.JpegsaveBuffer(
            q: Quality,
            optimizeCoding: false,
            subsampleMode: Enums.ForeignSubsample.On,
            restartInterval: (columns + RestartJpeg.BlockRows - 1) / RestartJpeg.BlockRows,
            keep: Enums.ForeignKeep.None);
    }
}
