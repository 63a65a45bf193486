using System.Net.Sockets;
using RabbitMQ.Client;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>A connection to the broker that ends when it is read from and nothing comes for as long as the broker may be silent.</summary>
sealed class BrokerSocket(AddressFamily family, TimeSpan silence, TimeProvider time)
    : TcpClientAdapter(new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true })
{
    public override NetworkStream GetStream() => new Stream(Client, silence, time);

    sealed class Stream : NetworkStream
    {
        const int LooksPerSilence = 4;
        const long NotReading = 0;

        readonly TimeSpan _silence;
        readonly TimeProvider _time;
        readonly ITimer _watch;
        long _readingSince;

        public Stream(Socket socket, TimeSpan silence, TimeProvider time)
            : base(socket)
        {
            (_silence, _time) = (silence, time);
            _watch = time.CreateTimer(_ => Look(), null, silence / LooksPerSilence, silence / LooksPerSilence);
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Interlocked.Exchange(ref _readingSince, _time.GetTimestamp());
            try
            {
                return await base.ReadAsync(buffer, cancellationToken);
            }
            finally
            {
                Interlocked.Exchange(ref _readingSince, NotReading);
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _watch.Dispose();
            base.Dispose(disposing);
        }

        // The read that waits ends with an error, as it would if the broker had gone. What is there and not read yet is no silence: this process is busy.
        void Look()
        {
            try
            {
                if (Interlocked.Read(ref _readingSince) is var since and not NotReading && _time.GetElapsedTime(since) > _silence && Socket.Available == 0)
                    Socket.Dispose();
            }
            catch (Exception closed) when (closed is ObjectDisposedException or SocketException)
            {
                _watch.Dispose();
            }
        }
    }
}
