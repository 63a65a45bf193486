using System.Buffers.Binary;

namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>The scans of a JPEG file, found without decoding anything: by a walk from marker to marker, past garbage, as decoders do it.</summary>
static class JpegScans
{
    const byte Mark = 0xFF, StartOfScan = 0xDA, EndOfImage = 0xD9, Temporary = 0x01;

    /// <summary>How many scans there are up to the end of the picture, and whether the file stops before that.</summary>
    public static (int Count, bool EndsEarly) Find(ReadOnlySpan<byte> file)
    {
        const int startOfImage = 2;

        var (count, at) = (0, startOfImage);
        while (true)
        {
            var next = at < file.Length ? file[at..].IndexOf(Mark) : -1;
            if (next < 0)
                return (count, true);
            at += next;
            while (at < file.Length && file[at] == Mark)
                at++;
            if (at >= file.Length)
                return (count, true);

            var marker = file[at++];
            if (marker == EndOfImage)
                return (count, false);
            if (marker is 0 or Temporary || IsRestart(marker))
                continue;
            if (at + 2 > file.Length)
                return (count, true);
            at += Math.Max(2, (int)BinaryPrimitives.ReadUInt16BigEndian(file[at..]));
            if (marker != StartOfScan)
                continue;
            count++;
            at = AfterScan(file, at);
        }
    }

    /// <summary>Scan data has no length; it runs to the first marker that is neither an escaped FF nor a restart.</summary>
    static int AfterScan(ReadOnlySpan<byte> file, int at)
    {
        while (at < file.Length - 1)
        {
            var next = file[at..^1].IndexOf(Mark);
            if (next < 0)
                return file.Length;
            at += next;
            if (file[at + 1] is not (0x00 or Mark) && !IsRestart(file[at + 1]))
                return at;
            at += file[at + 1] == Mark ? 1 : 2;
        }

        return file.Length;
    }

    static bool IsRestart(byte marker) => marker is >= 0xD0 and <= 0xD7;
}
