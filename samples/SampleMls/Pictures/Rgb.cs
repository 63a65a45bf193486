namespace ImagePipeline.SampleMls.Pictures;

/// <summary>The colour at a point of the scene, in scene units (see <see cref="Canvas"/>).</summary>
delegate Rgb Paint(float x, float y);

/// <summary>A colour, each part 0 to 255; light may push it beyond until it is stored.</summary>
readonly record struct Rgb(float R, float G, float B)
{
    public static implicit operator Paint(Rgb color) => (_, _) => color;

    public static Rgb Hex(uint value) => new((value >> 16) & 255, (value >> 8) & 255, value & 255);

    public Rgb Mix(Rgb other, float share) =>
        new(R + (other.R - R) * share, G + (other.G - G) * share, B + (other.B - B) * share);

    public Rgb Lit(float light) => new(R * light, G * light, B * light);
}
