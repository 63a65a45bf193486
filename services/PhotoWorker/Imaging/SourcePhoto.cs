using System.Buffers;
using ImagePipeline.Contracts;
using NetVips;

namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>An original whose header was read and found within the limits; its pixels are decoded when they are asked for.</summary>
sealed class SourcePhoto : IDisposable
{
    const int LargestDecodeShrink = 8;

    // 3264 by 2448 pixels, shrunk by 2 and made 1600 wide, have SSIM 0.9898; 3600 by 2700 have 0.9925.
    const double LeastToSpare = 1.1;

    readonly ReadOnlyMemory<byte> _file;
    readonly Image _header;
    readonly PhotoFormat _format;
    readonly Enums.FailOn _failOn;
    readonly bool _sideways;

    SourcePhoto(ReadOnlyMemory<byte> file, PhotoFormat format, Image header, Enums.FailOn failOn)
    {
        (_file, _format, _header, _failOn) = (file, format, header, failOn);
        // Orientations 5 to 8 lie on their side: what is stored as width is shown as height.
        _sideways = Number("orientation", 1) is >= 5 and <= 8;
    }

    public int Width => _sideways ? _header.Height : _header.Width;

    public int Height => _sideways ? _header.Width : _header.Height;

    public string ContentType => FirstBytes.ContentType(_format);

    /// <summary>Whether its decoder holds the whole picture; baseline JPEG and plain PNG are read a few lines at a time.</summary>
    public bool IsDecodedWhole => _format is PhotoFormat.WebP or PhotoFormat.Gif || Number("interlaced", 0) != 0;

    public string? Copyright =>
        CopyrightText.FromExif(Blob("exif-data")) ?? CopyrightText.FromIptc(Blob("iptc-data")) ?? CopyrightText.FromXmp(Blob("xmp-data"));

    /// <param name="file">The whole file.</param>
    /// <param name="limits">What is allowed.</param>
    /// <param name="jpegFailOn">"Error" refuses cut files, "warning" also damaged data, and headers and padding that every browser bears with:
    /// <see cref="JpegData"/> tells them apart.</param>
    /// <exception cref="RejectedException">The file is bad, or larger than allowed.</exception>
    public static SourcePhoto Open(ReadOnlyMemory<byte> file, RenderingOptions limits, Enums.FailOn jpegFailOn)
    {
        var format = FirstBytes.Recognize(file.Span);
        // Other decoders do not go on over damaged data; "error" adds PNG's checksums.
        var failOn = format == PhotoFormat.Jpeg ? jpegFailOn : Enums.FailOn.Error;
        if (format == PhotoFormat.Jpeg)
            CheckJpeg(JpegLayout.Of(file.Span), limits);
        var photo = new SourcePhoto(file, format, Load(file, format, failOn, () => OpenLazily(file, failOn)), failOn);
        try
        {
            photo.Check(limits);
            return photo;
        }
        catch
        {
            photo.Dispose();
            throw;
        }
    }

    /// <summary>The one decode: the picture in memory at the given size as shown, upright, sRGB, 8 bits, without alpha.</summary>
    /// <exception cref="RejectedException">The file cannot be decoded.</exception>
    public PixelBuffer Decode(int width, int height, ArrayPool<byte> pool)
    {
        var (storedWidth, storedHeight) = _sideways ? (height, width) : (width, height);
        var shrink = DecodeShrink(storedWidth, storedHeight);
        return Load(_file, _format, _failOn, () =>
        {
            using var source = shrink == 1 ? _header.Copy() : OpenLazily(_file, _failOn, new VOption { { "shrink", shrink } });
            using var resized = Pixels.Prepare(source, storedWidth, storedHeight, isShrunk: shrink > 1);
            var decoded = PixelBuffer.Of(resized, pool);
            if (Number("orientation", 1) == 1)
                return decoded;

            // Turned only now: a picture that is read line by line cannot be turned before it is whole, and by now it is small.
            using (decoded)
            using (var upright = decoded.Pixels.Autorot())
                return PixelBuffer.Of(upright, pool);
        });
    }

    public void Dispose() => _header.Dispose();

    /// <summary>
    /// By how much JPEG is shrunk while it is decoded: as far as the largest rendition allows, and only by what divides both sides. A part
    /// of a block left over at the edge would shift the whole picture by up to half a pixel, which costs 0.01 to 0.02 SSIM.
    /// </summary>
    int DecodeShrink(int width, int height)
    {
        if (_format != PhotoFormat.Jpeg)
            return 1;
        var shrink = LargestDecodeShrink;
        while (shrink > 1 && !(Leaves(_header.Width, shrink, width) && Leaves(_header.Height, shrink, height)))
            shrink /= 2;
        return shrink;
    }

    /// <summary>Exactly what is wanted, or some to spare: resized by a few parts in a hundred, what was shrunk at decode loses the finest detail twice.</summary>
    static bool Leaves(int side, int shrink, int wanted) =>
        side % shrink == 0 && (side / shrink == wanted || side / shrink >= wanted * LeastToSpare);

    void Check(RenderingOptions limits)
    {
        var pixels = (long)Width * Height;
        if (Math.Max(Width, Height) > limits.MaxSidePixels)
            throw TooMany($"sides of {Width} and {Height} pixels; {limits.MaxSidePixels} are allowed");
        if (pixels > limits.MaxPixels)
            throw TooMany($"{Width} by {Height} pixels; {limits.MaxPixels} in all are allowed");
        if (IsDecodedWhole && pixels > limits.MaxProgressivePixels)
            throw TooMany($"{Width} by {Height} pixels and can only be decoded whole; {limits.MaxProgressivePixels} in all are allowed for that");
        if (Number("n-pages", 1) > limits.MaxFrames)
            throw TooMany($"{Number("n-pages", 1)} frames; {limits.MaxFrames} are allowed");
    }

    static void CheckJpeg(JpegLayout jpeg, RenderingOptions limits)
    {
        if (!jpeg.IsCommon)
            throw new RejectedException(PhotoRejection.UnsupportedFormat, "The picture is a JPEG of a rare kind: lossless, coded arithmetically or of 12 bits.");
        if (jpeg.Scans > limits.MaxScans)
            throw TooMany($"{jpeg.Scans} scans; {limits.MaxScans} are allowed");
    }

    static RejectedException TooMany(string what) => new(PhotoRejection.TooManyPixels, $"The picture has {what}.");

    /// <summary>
    /// Runs one step that reads the file. When it fails, the file is to blame only if a plain reading of it alone fails too: the library's
    /// error text is global and may be about another photo, so it decides nothing, except that it can clear the file of being at fault.
    /// </summary>
    static T Load<T>(ReadOnlyMemory<byte> file, PhotoFormat format, Enums.FailOn failOn, Func<T> step)
    {
        try
        {
            return step();
        }
        catch (VipsException e)
        {
            if (IsMemoryShortage(e) || IsReadable(file, failOn))
                throw;
            throw FileEnd.IsMissing(format, file.Span)
                ? new RejectedException(PhotoRejection.Truncated, $"The {format} file ends early, after {file.Length} bytes.")
                : new RejectedException(PhotoRejection.Corrupt, $"The {format} file is damaged and cannot be decoded.");
        }
    }

    static bool IsReadable(ReadOnlyMemory<byte> file, Enums.FailOn failOn)
    {
        try
        {
            using var image = OpenLazily(file, failOn);
            image.Avg();
            return true;
        }
        catch (VipsException e)
        {
            return IsMemoryShortage(e);
        }
    }

    static bool IsMemoryShortage(VipsException e) => e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the header; pixels follow on demand, from top to bottom. The bytes are copied, so the caller's buffer may go.</summary>
    static Image OpenLazily(ReadOnlyMemory<byte> file, Enums.FailOn failOn, VOption? options = null) =>
        Image.NewFromBuffer(file.Span, access: Enums.Access.Sequential, failOn: failOn, kwargs: options);

    int Number(string field, int otherwise) => _header.Contains(field) && _header.Get(field) is int value ? value : otherwise;

    byte[] Blob(string field) => _header.Contains(field) && _header.Get(field) is byte[] value ? value : [];
}
