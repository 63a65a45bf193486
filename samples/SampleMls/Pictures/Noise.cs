namespace ImagePipeline.SampleMls.Pictures;

/// <summary>Noise by position: the same place gives the same value, whoever asks and in whichever order. All values 0 to 1.</summary>
static class Noise
{
    // Looked up, not computed: most of the time of a drawing goes into noise. It repeats after 256 cells, which no eye sees.
    static readonly float[] Lattice = [.. Enumerable.Range(0, 256 * 256).Select(i => (Bits(i & 255, i >> 8, 1) >> 8) * (1f / (1 << 24)))];

    public static uint Bits(int x, int y, int seed)
    {
        var h = ((uint)x * 0x8DA6B343) ^ ((uint)y * 0xD8163841) ^ ((uint)seed * 0xCB1AB31F);
        h = (h ^ (h >> 15)) * 0x2C1B3C6D;
        h = (h ^ (h >> 12)) * 0x297A2D39;
        return h ^ (h >> 15);
    }

    public static float Cell(int x, int y, int seed) => Lattice[(((y + seed * 57) & 255) << 8) | ((x + seed * 131) & 255)];

    public static float Smooth(float x, float y, int seed)
    {
        var (left, top) = (MathF.Floor(x), MathF.Floor(y));
        var (fx, fy) = (Ease(x - left), Ease(y - top));
        var (column, row) = ((int)left + seed * 131, (int)top + seed * 57);
        var (upper, lower, first, second) = ((row & 255) << 8, ((row + 1) & 255) << 8, column & 255, (column + 1) & 255);
        var lattice = Lattice;
        var above = lattice[upper | first] + (lattice[upper | second] - lattice[upper | first]) * fx;
        var below = lattice[lower | first] + (lattice[lower | second] - lattice[lower | first]) * fx;
        return above + (below - above) * fy;
    }

    /// <summary>Smooth noise of several sizes, each half as large and half as strong as the one before.</summary>
    public static float Cloudy(float x, float y, int seed, int octaves)
    {
        float sum = 0, strength = 0.5f, total = 0;
        for (var octave = 0; octave < octaves; octave++)
        {
            sum += Smooth(x, y, seed + octave) * strength;
            total += strength;
            (x, y, strength) = (x * 2, y * 2, strength / 2);
        }

        return sum / total;
    }

    static float Ease(float t) => t * t * (3 - 2 * t);
}
