using System.Buffers.Binary;

namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>
/// Takes out of a JPEG what decoders warn of though it harms nothing: zeros between segments and behind a scan's data, and a JFIF version to come. If they still warn
/// of what is left, its data are damaged. For progressive JPEG, whose data <see cref="JpegData"/> does not read.
/// </summary>
static class JpegPadding
{
    // A scan's own data may end with a zero or two.
    const int ShortestPadding = 4;

    /// <summary>The file without it, or null when there is none, or when there is anything else that does not belong there.</summary>
    public static byte[]? Removed(ReadOnlySpan<byte> file)
    {
        const byte mark = 0xFF, startOfImage = 0xD8, startOfScan = 0xDA, endOfImage = 0xD9, application = 0xE0;

        if (!file.StartsWith<byte>([mark, startOfImage, mark]))
            return null;
        var (clean, at, isChanged) = (new List<byte>(file.Length) { mark, startOfImage }, 2, false);
        while (true)
        {
            for (; at < file.Length && file[at] == 0; at++)
                isChanged = true;
            var marks = at;
            while (at < file.Length && file[at] == mark)
                at++;
            if (at == marks || at >= file.Length)
                return null;
            var marker = file[at++];
            clean.AddRange(mark, marker);
            if (marker == endOfImage)
                return isChanged ? [.. clean] : null;
            if (marker is 0 or 0x01 or (>= 0xD0 and <= startOfImage) || at + 2 > file.Length)
                return null;
            var length = (int)BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
            if (length < 2 || at + length > file.Length)
                return null;

            var segment = file.Slice(at, length);
            at += length;
            if (marker == application && segment.Length > 7 && segment[2..].StartsWith("JFIF\0"u8) && segment[7] > 2)
            {
                clean.AddRange(segment[..7]);
                clean.Add(1);
                segment = segment[8..];
                isChanged = true;
            }
            clean.AddRange(segment);
            if (marker != startOfScan)
                continue;
            var data = file[at..JpegLayout.AfterScan(file, at)];
            at += data.Length;
            var bare = data.TrimEnd((byte)0);
            var isPadded = data.Length - bare.Length >= ShortestPadding;
            isChanged |= isPadded;
            clean.AddRange(isPadded ? bare : data);
        }
    }
}
