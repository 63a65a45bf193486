using System.Buffers.Binary;

namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>
/// Whether the data of a JPEG's scans are whole: every block there, every code known, nothing left over. Decoders do not refuse damaged data, they warn and paint
/// on, and they warn of harmless things too: padding behind the data, odd but common headers. Which of the two a warning was about they do not say for one photo
/// alone, so it is looked up here, for those few photos that they warned about.
/// </summary>
static class JpegData
{
    // Zeros are what a download leaves where pieces are missing, and what a decoder takes for codes, without a warning. A plain area has them too.
    const int LongestPlain = 64;

    /// <summary>Whether a file with a frame of the plain kind has a gap filled with zeros in its data.</summary>
    public static bool HasGap(ReadOnlySpan<byte> file)
    {
        var layout = file.StartsWith<byte>([0xFF, 0xD8, 0xFF]) ? JpegLayout.Of(file) : default;
        Span<byte> zeros = stackalloc byte[LongestPlain];
        zeros.Clear();
        return layout is { Coding: 0xC0 or 0xC1, FirstScan: > 0 } && file[layout.FirstScan..].IndexOf(zeros) >= 0 && !IsIntact(file);
    }

    /// <summary>True when the picture's data are whole; false when they are damaged, or are coded in a way that is not understood here: progressively or
    /// arithmetically.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> file)
    {
        const byte mark = 0xFF, tables = 0xC4, interval = 0xDD, startOfScan = 0xDA, endOfImage = 0xD9;

        var huffman = new Codes?[32];
        var (restartInterval, at) = (0, 2);
        Frame? frame = null;
        while (true)
        {
            var next = at < file.Length ? file[at..].IndexOf(mark) : -1;
            if (next < 0)
                return false;
            at += next + 1;
            if (at + 3 > file.Length || file[at] is 0 or mark or 0x01 or (>= 0xD0 and <= 0xD7))
                continue;
            var marker = file[at++];
            if (marker == endOfImage)
                return frame is { IsComplete: true };
            var length = (int)BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
            if (length < 2 || at + length > file.Length)
                return false;
            var segment = file.Slice(at + 2, length - 2);
            at += length;
            switch (marker)
            {
                case tables when !ReadTables(segment, huffman):
                    return false;
                case interval when segment.Length >= 2:
                    restartInterval = BinaryPrimitives.ReadUInt16BigEndian(segment);
                    break;
                case 0xC0 or 0xC1 when frame is null && Frame.TryRead(segment) is { } read:
                    frame = read;
                    break;
                case >= 0xC0 and <= 0xCF and not (tables or 0xC8 or 0xCC):
                    return false;
                case startOfScan:
                    var scan = new Scan(file[at..], restartInterval);
                    if (frame is null || !scan.Read(frame, segment, huffman))
                        return false;
                    at += scan.Position;
                    if (frame.IsComplete)
                        return true;
                    break;
                default:
                    break;
            }
        }
    }

    static bool ReadTables(ReadOnlySpan<byte> segment, Codes?[] into)
    {
        const int counts = 16;

        while (segment.Length > counts)
        {
            var values = 0;
            for (var bits = 1; bits <= counts; bits++)
                values += segment[bits];
            if (segment[0] >= into.Length || segment.Length < 1 + counts + values)
                return false;
            into[segment[0]] = new Codes(segment.Slice(1, counts), segment.Slice(1 + counts, values));
            segment = segment[(1 + counts + values)..];
        }
        return true;
    }

    sealed class Component
    {
        public required byte Id { get; init; }
        public required int Across { get; init; }
        public required int Down { get; init; }
        public bool IsRead { get; set; }
    }

    sealed class Frame(int width, int height, Component[] components)
    {
        public IReadOnlyList<Component> Components => components;

        public bool IsComplete => components.All(component => component.IsRead);

        int MostAcross => components.Max(component => component.Across);

        int MostDown => components.Max(component => component.Down);

        public static Frame? TryRead(ReadOnlySpan<byte> segment)
        {
            if (segment.Length < 6 || segment[0] != 8 || segment[5] is 0 or > 4 || segment.Length < 6 + 3 * segment[5])
                return null;
            var components = new Component[segment[5]];
            for (var i = 0; i < components.Length; i++)
            {
                var said = segment[(6 + 3 * i)..];
                components[i] = new Component { Id = said[0], Across = said[1] >> 4, Down = said[1] & 15 };
                if (components[i] is { Across: < 1 or > 4 } or { Down: < 1 or > 4 })
                    return null;
            }
            return new Frame(BinaryPrimitives.ReadUInt16BigEndian(segment[3..]), BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), components);
        }

        /// <summary>A component alone has a unit for each of its own blocks; several share units that hold blocks of each.</summary>
        public long Units(IReadOnlyList<Component> scanned) => scanned is [var one]
            ? (long)Over(Over(width * one.Across, MostAcross), 8) * Over(Over(height * one.Down, MostDown), 8)
            : (long)Over(width, 8 * MostAcross) * Over(height, 8 * MostDown);

        static int Over(int length, int by) => (length + by - 1) / by;
    }

    /// <summary>A Huffman table: eight bits at a time, longer codes by their length.</summary>
    sealed class Codes
    {
        const int Quick = 8;

        readonly ushort[] _quick = new ushort[1 << Quick];
        readonly int[] _beyond = new int[18];
        readonly int[] _offset = new int[18];
        readonly byte[] _values;

        public Codes(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> values)
        {
            _values = values.ToArray();
            var (code, index) = (0, 0);
            for (var bits = 1; bits <= counts.Length; bits++)
            {
                _offset[bits] = index - code;
                for (var n = 0; n < counts[bits - 1]; n++, code++, index++)
                {
                    for (var rest = 0; bits <= Quick && rest < 1 << (Quick - bits); rest++)
                    {
                        // A table may promise more codes than its bits can tell apart.
                        if ((code << (Quick - bits)) + rest is var at && at < _quick.Length)
                            _quick[at] = (ushort)(bits << 8 | _values[index]);
                    }
                }
                _beyond[bits] = code;
                code <<= 1;
            }
        }

        public int Next(ref Bits bits)
        {
            if (_quick[bits.Peek(Quick)] is var quick && quick != 0)
                return bits.Skip(quick >> 8) ? quick & 0xFF : -1;
            for (var length = Quick + 1; length <= 16; length++)
            {
                var code = bits.Peek(length);
                if (code < _beyond[length] && code + _offset[length] is >= 0 and var at && at < _values.Length)
                    return bits.Skip(length) ? _values[at] : -1;
            }
            return -1;
        }
    }

    /// <summary>The bits up to the next marker.</summary>
    ref struct Bits(ReadOnlySpan<byte> data)
    {
        readonly ReadOnlySpan<byte> _data = data;
        ulong _held;
        int _count;

        public int Position { get; private set; }

        /// <summary>The next bits, with zeros for those that are not there.</summary>
        public int Peek(int bits)
        {
            while (_count <= 48 && Byte() is >= 0 and var next)
            {
                _held = _held << 8 | (uint)next;
                _count += 8;
            }
            return (int)((_count >= bits ? _held >> (_count - bits) : _held << (bits - _count)) & ((1u << bits) - 1));
        }

        /// <summary>False when there are not as many.</summary>
        public bool Skip(int bits)
        {
            Peek(bits);
            _count -= bits;
            return _count >= 0;
        }

        /// <summary>Whether nothing but padding is left before the next marker: less than a byte, or bytes that say nothing.</summary>
        public bool AtEnd()
        {
            _count -= _count % 8;
            while (true)
            {
                if (_count < 8)
                    Peek(8);
                if (_count < 8)
                    return true;
                if ((_held >> (_count - 8) & 0xFF) is not (0 or 0xFF))
                    return false;
                _count -= 8;
            }
        }

        /// <summary>Goes past the restart marker with this number.</summary>
        public bool Restart(int number)
        {
            if (!AtEnd() || Position + 1 >= _data.Length || _data[Position] != 0xFF || _data[Position + 1] != 0xD0 + number)
                return false;
            Position += 2;
            return true;
        }

        int Byte()
        {
            if (Position >= _data.Length)
                return -1;
            var value = _data[Position];
            if (value != 0xFF)
            {
                Position++;
                return value;
            }
            if (Position + 1 >= _data.Length || _data[Position + 1] != 0)
                return -1;
            Position += 2;
            return 0xFF;
        }
    }

    ref struct Scan(ReadOnlySpan<byte> data, int restartInterval)
    {
        Bits _bits = new(data);

        public int Position => _bits.Position;

        public bool Read(Frame frame, ReadOnlySpan<byte> header, Codes?[] huffman)
        {
            if (header.Length < 1 || header[0] is 0 or > 4 || header.Length < 1 + 2 * header[0])
                return false;
            var scanned = new Component[header[0]];
            var tables = new (Codes Dc, Codes Ac)[header[0]];
            for (var i = 0; i < scanned.Length; i++)
            {
                var (id, which) = (header[1 + 2 * i], header[2 + 2 * i]);
                if (frame.Components.FirstOrDefault(component => component.Id == id) is not { IsRead: false } component
                    || huffman[(which >> 4) & 15] is not { } dc || huffman[16 | which & 15] is not { } ac)
                    return false;
                component.IsRead = true;
                (scanned[i], tables[i]) = (component, (dc, ac));
            }

            var units = frame.Units(scanned);
            for (var unit = 0L; unit < units; unit++)
            {
                if (restartInterval > 0 && unit > 0 && unit % restartInterval == 0 && !_bits.Restart((int)(unit / restartInterval - 1) & 7))
                    return false;
                for (var i = 0; i < scanned.Length; i++)
                {
                    var blocks = scanned.Length == 1 ? 1 : scanned[i].Across * scanned[i].Down;
                    for (; blocks > 0; blocks--)
                    {
                        if (!Block(tables[i].Dc, tables[i].Ac))
                            return false;
                    }
                }
            }
            return _bits.AtEnd();
        }

        bool Block(Codes dc, Codes ac)
        {
            const int coefficients = 64, longestDifference = 11, zeros = 15;

            if (dc.Next(ref _bits) is not (>= 0 and <= longestDifference and var size) || !_bits.Skip(size))
                return false;
            for (var k = 1; k < coefficients; k++)
            {
                var code = ac.Next(ref _bits);
                if (code < 0)
                    return false;
                if (code == 0)
                    return true;
                var (run, bits) = (code >> 4, code & 15);
                if (bits == 0 && run != zeros)
                    return false;
                k += run;
                if (k >= coefficients || !_bits.Skip(bits))
                    return false;
            }
            return true;
        }
    }
}
