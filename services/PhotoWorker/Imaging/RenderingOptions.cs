using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>
/// Limits of rendering, as configured under <c>PhotoWorker:Rendering</c>. They are read from a photo's header before anything is decoded.
/// Together they bound memory. Measured, beside the file itself: baseline JPEG and plain PNG of 48 megapixels take some 50 MB; one that is so tall that it is its own
/// largest rendition 6 bytes a pixel of that, 160 MB at 1600 by 16,383; a picture that has to be decoded whole up to 8 bytes a pixel, 200 MB at its limit. All that
/// times <see cref="DecodeConcurrency"/>, the last times <see cref="WholeDecodeConcurrency"/>.
/// </summary>
public sealed class RenderingOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "PhotoWorker:Rendering";

    /// <summary>How many photos are decoded at once. Independent of how many are downloaded at once.</summary>
    /// <value>Default: the number of processors; 1 to 256.</value>
    [Range(1, 256)]
    public int DecodeConcurrency { get; set; } = Math.Clamp(Environment.ProcessorCount, 1, 256);

    /// <summary>The most pixels a photo may have.</summary>
    /// <value>Default 50,000,000 pixels, imgproxy's figure and more than any camera that photographs houses; 1 to 500,000,000.</value>
    [Range(1, 500_000_000)]
    public int MaxPixels { get; set; } = 50_000_000;

    /// <summary>The longest side a photo may have.</summary>
    /// <value>Default 16,383 pixels, the most that every format we write can hold; 1 to 65,500.</value>
    [Range(1, 65_500)]
    public int MaxSidePixels { get; set; } = 16_383;

    /// <summary>The most pixels a picture may have that can only be decoded whole: progressive JPEG, interlaced PNG, WebP, GIF.</summary>
    /// <value>Default 25,000,000 pixels; 1 to 500,000,000.</value>
    [Range(1, 500_000_000)]
    public int MaxProgressivePixels { get; set; } = 25_000_000;

    /// <summary>How many such pictures are decoded at once, of those that <see cref="DecodeConcurrency"/> allows in all.</summary>
    /// <value>Default 1; 1 to 256.</value>
    [Range(1, 256)]
    public int WholeDecodeConcurrency { get; set; } = 1;

    /// <summary>The most scans a JPEG may have: a decoder goes through the whole picture once for each, and a file of a few KB can hold thousands.</summary>
    /// <value>Default 100 scans; encoders write 1 to 20. 1 to 10,000.</value>
    [Range(1, 10_000)]
    public int MaxScans { get; set; } = 100;

    /// <summary>The most frames an animation may have, of which only the first is shown.</summary>
    /// <value>Default 500 frames; 1 to 100,000.</value>
    [Range(1, 100_000)]
    public int MaxFrames { get; set; } = 500;
}
