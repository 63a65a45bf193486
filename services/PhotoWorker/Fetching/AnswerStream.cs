using System.Net;
using System.Runtime.CompilerServices;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>
/// Makes a request visible that <see cref="SocketsHttpHandler"/> would send again by itself. When a connection ends before the first byte
/// of an answer, it repeats a GET up to three times, unseen: a single-use URL is spent, a budget overdrawn, and our count is not the
/// vendor's. It does not repeat after an error, so here that end becomes one. HTTP/2 repeats only what the vendor says it did not process.
/// </summary>
sealed class AnswerStream(Stream inner) : Stream
{
    bool _awaitsAnswer;

    /// <summary>For <see cref="SocketsHttpHandler.PlaintextStreamFilter"/>.</summary>
    public static ValueTask<Stream> Wrap(SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancellation) =>
        new(context.NegotiatedHttpVersion < HttpVersion.Version20 ? new AnswerStream(context.PlaintextStream) : context.PlaintextStream);

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        if (read > 0)
            _awaitsAnswer = false;
        else if (_awaitsAnswer && buffer.Length > 0)
            throw new HttpIOException(HttpRequestError.ResponseEnded);
        return read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _awaitsAnswer = true;
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Requests are sent asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Requests are sent asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
