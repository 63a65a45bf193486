using NetVips;

namespace ImagePipeline.TestSupport.Pictures;

/// <summary>Mean structural similarity of two pictures' luma (Wang et al. 2004) over 8 by 8 windows, every 4 pixels. 1 is equal.</summary>
public static class Ssim
{
    const int Side = 8, Step = 4;

    /// <summary>Of two pictures of one size, of at least 8 by 8 pixels.</summary>
    public static double Of(Image first, Image second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if ((first.Width, first.Height) != (second.Width, second.Height))
            throw new ArgumentException($"{first.Width} by {first.Height} pixels are compared with {second.Width} by {second.Height}.", nameof(second));
        var (a, b) = (Luma(first), Luma(second));
        var (sum, count) = (0.0, 0);
        for (var y = 0; y + Side <= first.Height; y += Step)
        {
            for (var x = 0; x + Side <= first.Width; x += Step, count++)
                sum += Window(a, b, (y * first.Width) + x, first.Width);
        }

        return sum / count;
    }

    static double Window(byte[] a, byte[] b, int at, int stride)
    {
        const double c1 = 0.01 * 255 * 0.01 * 255, c2 = 0.03 * 255 * 0.03 * 255, n = Side * Side;
        double sumA = 0, sumB = 0, squareA = 0, squareB = 0, product = 0;
        for (var i = 0; i < Side * Side; i++)
        {
            var place = at + (i / Side * stride) + (i % Side);
            double p = a[place], q = b[place];
            (sumA, sumB, squareA, squareB, product) = (sumA + p, sumB + q, squareA + (p * p), squareB + (q * q), product + (p * q));
        }

        var (meanA, meanB) = (sumA / n, sumB / n);
        var (varianceA, varianceB, covariance) = ((squareA / n) - (meanA * meanA), (squareB / n) - (meanB * meanB), (product / n) - (meanA * meanB));
        return ((2 * meanA * meanB) + c1) * ((2 * covariance) + c2)
            / (((meanA * meanA) + (meanB * meanB) + c1) * (varianceA + varianceB + c2));
    }

    static byte[] Luma(Image image)
    {
        using var grey = image.Colourspace(Enums.Interpretation.Bw);
        return grey.WriteToMemory<byte>();
    }
}
