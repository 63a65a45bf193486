using System.Buffers.Binary;

namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>What a JPEG file is made of, found without decoding anything: by a walk from marker to marker, past garbage, as decoders do it.</summary>
/// <param name="Scans">How many scans there are up to the end of the picture.</param>
/// <param name="FirstScan">Where the data of the first scan begin; 0 when there is none.</param>
/// <param name="Coding">The marker of its frame header, which says how it is coded; 0 when there is none, or only behind garbage.</param>
/// <param name="Bits">How many bits a sample has.</param>
/// <param name="EndsEarly">Whether the file stops before its end mark.</param>
readonly record struct JpegLayout(int Scans, int FirstScan, byte Coding, byte Bits, bool EndsEarly)
{
    const byte Mark = 0xFF, StartOfImage = 0xD8, StartOfScan = 0xDA, EndOfImage = 0xD9, Temporary = 0x01;

    /// <summary>Coded by Huffman's tables, at once or progressively: what browsers show.</summary>
    public bool IsCommon => Coding is 0 or (>= 0xC0 and <= 0xC2) && Bits is 0 or 8;

    /// <summary>Walks through a file.</summary>
    public static JpegLayout Of(ReadOnlySpan<byte> file)
    {
        var (found, at, isClean) = (default(JpegLayout), 2, true);
        while (true)
        {
            var next = at < file.Length ? file[at..].IndexOf(Mark) : -1;
            if (next < 0)
                return found with { EndsEarly = true };
            at += next;
            // What looks like a header in the midst of noise says nothing.
            isClean &= next == 0 || found.Scans > 0;
            while (at < file.Length && file[at] == Mark)
                at++;
            if (at >= file.Length)
                return found with { EndsEarly = true };

            var marker = file[at++];
            if (marker == EndOfImage)
                return found;
            if (marker is 0 or Temporary or StartOfImage || IsRestart(marker))
                continue;
            if (at + 2 > file.Length)
                return found with { EndsEarly = true };
            if (isClean && IsFrame(marker) && found.Coding == 0 && at + 2 < file.Length)
                found = found with { Coding = marker, Bits = file[at + 2] };
            at += Math.Max(2, (int)BinaryPrimitives.ReadUInt16BigEndian(file[at..]));
            if (marker != StartOfScan)
                continue;
            found = found with { Scans = found.Scans + 1, FirstScan = found.Scans == 0 ? Math.Min(at, file.Length) : found.FirstScan };
            at = AfterScan(file, at);
        }
    }

    /// <summary>Scan data has no length; it runs to the first marker that is neither an escaped FF nor a restart.</summary>
    public static int AfterScan(ReadOnlySpan<byte> file, int at)
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

    static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    static bool IsRestart(byte marker) => marker is >= 0xD0 and <= 0xD7;
}
