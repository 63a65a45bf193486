using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>Reads a feed from files. Of an NDJSON file one line is in memory at a time, of RESO pages one page.</summary>
sealed class FeedFile(string feed, FeedReadingOptions limits, IReadOnlyCollection<string> leaseParameters)
{
    public async IAsyncEnumerable<FeedItem> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var pages = new HashSet<string>(StringComparer.Ordinal);
        for (string? next = path; next is not null;)
        {
            if (!pages.Add(Path.GetFullPath(next))) throw Unreadable($"{Path.GetFileName(next)} leads back to a page that was read before.");
            if (pages.Count > limits.MaxPages)
                throw Unreadable($"it has more than {Number(limits.MaxPages)} pages ({FeedReadingOptions.Section}:MaxPages).");

            await using var file = Open(next);
            var reader = PipeReader.Create(file, new StreamPipeReaderOptions(bufferSize: FileShapes.HeadBytes, leaveOpen: true));
            if (await ShapeAsync(reader, next, cancellation) is FileShape.Lines)
            {
                await foreach (var item in LinesAsync(reader, next, cancellation)) yield return item;
                yield break;
            }

            using var page = await PageAsync(reader, next, cancellation);
            foreach (var item in page.Items(LeaseParameters.With(leaseParameters))) yield return item;
            next = page.NextLink is { } link ? NextFile(link, next) : null;
        }
    }

    /// <summary>Opens the file and looks at its beginning, without reading it all.</summary>
    public async Task CheckAsync(string path, CancellationToken cancellation)
    {
        await using var file = Open(path);
        // What is read from a pipe is gone.
        if (file.CanSeek) await ShapeAsync(PipeReader.Create(file, new StreamPipeReaderOptions(leaveOpen: true)), path, cancellation);
    }

    FileStream Open(string path)
    {
        try
        {
            if (Directory.Exists(path)) throw Unreadable($"{path} is a folder, not a file.");
            // Shared for writing: whoever appends to the file need not wait for us.
            return new FileStream(path, new FileStreamOptions
            {
                Share = FileShare.ReadWrite | FileShare.Delete,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
            });
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unreadable($"the file {path} does not exist.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Unreadable($"the file {path} may not be read by this user.", e);
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            throw Unreadable($"the file {path} cannot be opened.", e);
        }
    }

    async Task<FileShape> ShapeAsync(PipeReader reader, string path, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await NextAsync(reader, path, cancellation);
            if (!read.IsCompleted && read.Buffer.Length < FileShapes.HeadBytes)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            var head = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, FileShapes.HeadBytes)).ToArray();
            reader.AdvanceTo(read.Buffer.Start);
            return Shape(head, Path.GetFileName(path));
        }
    }

    FileShape Shape(ReadOnlySpan<byte> head, string name)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B])) throw Unreadable($"{name} is compressed; unpack it first.");
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head[..Math.Min(2, head.Length)].Contains((byte)0))
            throw Unreadable($"{name} is not UTF-8 text.");
        if (head.StartsWith("\uFEFF"u8)) head = head[3..];
        if (head.Trim(" \t\r\n"u8).IsEmpty) throw Unreadable($"{name} is empty.");

        var shape = FileShapes.Of(head);
        return shape is FileShape.SpreadLines
            ? throw Unreadable($"{name} has a listing written over several lines; NDJSON has each listing on one line.")
            : shape;
    }

    async Task<ResoPage> PageAsync(PipeReader reader, string path, CancellationToken cancellation)
    {
        var name = Path.GetFileName(path);
        try
        {
            var json = await LimitedBytes.ReadAsync(reader.AsStream(leaveOpen: true), limits.MaxPageBytes, cancellation)
                ?? throw Unreadable($"{name} is larger than {Number(limits.MaxPageBytes)} bytes ({FeedReadingOptions.Section}:MaxPageBytes).");
            return ResoPage.Parse(json, feed, name);
        }
        catch (IOException e)
        {
            throw Unreadable($"the file {path} broke off while it was read.", e);
        }
    }

    string NextFile(string link, string path)
    {
        if (link.Contains("://", StringComparison.Ordinal))
            throw Unreadable($"{Path.GetFileName(path)} is one page of several, and its next page is on a server; read the feed from its URL.");
        if (link is "." or ".." || link.Any(c => c is '/' or '\\' || char.IsControl(c)))
            throw Unreadable($"{Path.GetFileName(path)} has an @odata.nextLink that is no file in the same folder.");
        return Path.Combine(Path.GetDirectoryName(path) ?? "", link);
    }

    async IAsyncEnumerable<FeedItem> LinesAsync(PipeReader reader, string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var name = Path.GetFileName(path);
        var tooLong = false;
        for (long line = 1; ;)
        {
            var read = await NextAsync(reader, path, cancellation);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                if (Item(rest.Slice(0, end), line++) is { } item) yield return item;
                rest = rest.Slice(rest.GetPosition(1, end));
                tooLong = false;
            }

            if (read.IsCompleted)
            {
                if (Item(rest, line) is { } last) yield return last;
                yield break;
            }

            // The rest of an overlong line is thrown away as it comes, so that no line can fill the memory.
            tooLong |= rest.Length > limits.MaxLineBytes;
            reader.AdvanceTo(tooLong ? rest.End : rest.Start, rest.End);
        }

        FeedItem? Item(ReadOnlySequence<byte> bytes, long line)
        {
            var where = string.Create(CultureInfo.InvariantCulture, $"line {line} of {name}");
            if (tooLong || bytes.Length > limits.MaxLineBytes)
            {
                var why = $"It is longer than {Number(limits.MaxLineBytes)} bytes ({FeedReadingOptions.Section}:MaxLineBytes).";
                return new RefusedRecord { Where = where, Why = why };
            }

            ReadOnlyMemory<byte> text = bytes.IsSingleSegment ? bytes.First : bytes.ToArray();
            if (line == 1 && text.Span.StartsWith("\uFEFF"u8)) text = text[3..];
            return text.Span.Trim(" \t\r"u8).IsEmpty ? null : NdjsonLine.Read(text, leaseParameters, where);
        }
    }

    async ValueTask<ReadResult> NextAsync(PipeReader reader, string path, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadAsync(cancellation);
        }
        catch (IOException e)
        {
            throw Unreadable($"the file {path} broke off while it was read.", e);
        }
    }

    FeedUnreadableException Unreadable(string why, Exception? inner = null) => new(feed, why, inner);

    static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
