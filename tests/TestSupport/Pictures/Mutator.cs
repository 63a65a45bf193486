using System.Buffers.Binary;

namespace ImagePipeline.TestSupport.Pictures;

/// <summary>Damages good files at random: bits, bytes, lengths, whole stretches. The same seed and number always give the same file.</summary>
public static class Mutator
{
    static readonly byte[][] Good = [.. BadImages.Good.Values];

    /// <summary>The file of a case.</summary>
    public static byte[] File(int seed, int number)
    {
        var random = new Random(HashOf(seed, number));
        var file = Good[random.Next(Good.Length)].ToList();
        for (var changes = 1 + random.Next(8); changes > 0 && file.Count > 16; changes--)
            Change(file, random);
        var changed = file.ToArray();
        // Otherwise nothing behind a PNG's checksums is ever reached.
        if (random.Next(4) > 0)
            MendChecksums(changed);
        return changed;
    }

    static void Change(List<byte> file, Random random)
    {
        // Headers decide more than pixels.
        var at = random.Next(3) == 0 ? random.Next(Math.Min(200, file.Count)) : random.Next(file.Count);
        var length = Math.Min(1 + random.Next(random.Next(4) == 0 ? 2_000 : 16), file.Count - at);
        switch (random.Next(9))
        {
            case 0:
                file[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                file[at] = (byte)random.Next(256);
                break;
            case 2:
                Number(file, at, random);
                break;
            case 3:
                for (var i = 0; i < length; i++)
                    file[at + i] = (byte)random.Next(256);
                break;
            case 4:
                var value = ((byte[])[0x00, 0xFF, 0x80, 0x7F])[random.Next(4)];
                for (var i = 0; i < length; i++)
                    file[at + i] = value;
                break;
            case 5:
                file.RemoveRange(at, length);
                break;
            case 6:
                file.InsertRange(at, file.GetRange(at, length));
                break;
            case 7:
                file.RemoveRange(at, file.Count - at);
                break;
            default:
                var other = Good[random.Next(Good.Length)];
                var from = random.Next(other.Length);
                file.InsertRange(at, other.AsSpan(from, Math.Min(length, other.Length - from)).ToArray());
                break;
        }
    }

    static void Number(List<byte> file, int at, Random random)
    {
        uint[] telling = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF];
        var bytes = new byte[4];
        var value = telling[random.Next(telling.Length)];
        if (random.Next(2) == 0)
            BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        var width = random.Next(2) == 0 ? 2 : 4;
        for (var i = 0; i < width && at + i < file.Count; i++)
            file[at + i] = bytes[width == 2 && random.Next(2) == 0 ? i + 2 : i];
    }

    static void MendChecksums(byte[] file)
    {
        if (!file.AsSpan().StartsWith<byte>([0x89, 0x50, 0x4E, 0x47]))
            return;
        for (var at = 8; at + 12 <= file.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12)
                return;
            PngFile.Mend(file.AsSpan(at, (int)length + 12));
            at += (int)length + 12;
        }
    }

    // Not HashCode: it differs from process to process.
    static int HashOf(int seed, int number)
    {
        unchecked
        {
            var hash = (uint)seed * 2_654_435_761 ^ (uint)number * 2_246_822_519;
            hash ^= hash >> 15;
            return (int)(hash * 3_266_489_917 & 0x7FFFFFFF);
        }
    }
}
