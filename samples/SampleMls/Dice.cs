namespace ImagePipeline.SampleMls;

/// <summary>
/// Chance that is the same everywhere and for ever for the same seed (SplitMix64): <see cref="Random"/> promises that for one
/// version of .NET only.
/// </summary>
sealed class Dice(ulong seed)
{
    ulong _state = seed;

    public Dice(int seed, string name, int number = 0) : this(Mix(seed, name, number))
    {
    }

    /// <summary>One throw for one name and number, whatever was thrown before: at least 0, below 1.</summary>
    public static double Once(int seed, string name, int number) => new Dice(seed, name, number).Unit();

    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public float Between(float from, float to) => from + (float)Unit() * (to - from);

    public int Below(int limit) => (int)(Unit() * limit);

    public bool Comes(double probability) => Unit() < probability;

    public T Pick<T>(params ReadOnlySpan<T> from) => from[Below(from.Length)];

    /// <summary>Normally distributed, mean 0, deviation 1 (Box-Muller).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(2 * Math.PI * Unit());

    ulong Next() => Stir(_state += 0x9E3779B97F4A7C15);

    static ulong Stir(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    static ulong Mix(int seed, string name, int number)
    {
        var hash = 0xCBF29CE484222325UL ^ (uint)seed;
        foreach (var letter in name) hash = (hash ^ letter) * 0x100000001B3;
        return Stir(Stir(hash) + (uint)number);
    }
}
