using ImagePipeline.ServiceDefaults.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>Connections to the broker beside the bus's own.</summary>
public static class BrokerConnection
{
    /// <summary>Connects and disconnects.</summary>
    /// <returns>One sentence on the broker.</returns>
    /// <exception cref="CannotStartException">It cannot be used; the message is a sentence without the password.</exception>
    public static async Task<string> CheckAsync(RabbitMqOptions options, CancellationToken cancellation)
    {
        await using var connection = await ConnectAsync(options, "imagepipe doctor", TimeProvider.System, cancellation);
        var version = connection.ServerProperties?.TryGetValue("version", out var value) == true && value is byte[] text ? $" {System.Text.Encoding.UTF8.GetString(text)}" : "";
        return $"RabbitMQ{version} at {options.Host}:{options.Port}, virtual host {options.VHost}";
    }

    /// <summary>Connects once, for somebody who waits at a terminal: nothing is tried again.</summary>
    /// <exception cref="CannotStartException">The broker cannot be used; the message is a sentence without the password.</exception>
    public static async Task<IConnection> ConnectAsync(RabbitMqOptions options, string name, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            return await options.AnswerTimeout.LimitAsync(limit => OpenAsync(options, name, time, limit), time, cancellation);
        }
        catch (Exception e) when (e is BrokerUnreachableException or OperationInterruptedException or IOException or TimeoutException)
        {
            throw new CannotStartException(
                $"{options.Host}:{options.Port}, virtual host {options.VHost} (settings {RabbitMqOptions.Section}, environment variables {RabbitMqOptions.Section}__…) "
                + $"cannot be used: {Why(e)}.", e);
        }
    }

    internal static Task<IConnection> OpenAsync(RabbitMqOptions options, string name, TimeProvider time, CancellationToken cancellation)
    {
        var factory = new ConnectionFactory
        {
            HostName = options.Host,
            Port = options.Port,
            VirtualHost = options.VHost,
            UserName = options.User,
            Password = options.Pass,
            Ssl = new SslOption { Enabled = options.UseSsl, ServerName = options.Host },
            ClientProvidedName = name,
            RequestedHeartbeat = Heartbeat(options),
            ContinuationTimeout = options.AnswerTimeout,
            // Its own recovery can end half-way, when the broker is there again and its queues are not yet.
            AutomaticRecoveryEnabled = false,
        };
        NoticeSilence(factory, options, time);
        return factory.CreateConnectionAsync(cancellation);
    }

    /// <summary>The broker sends a sign of life twice as often.</summary>
    internal static TimeSpan Heartbeat(RabbitMqOptions options) => options.AnswerTimeout / 2;

    /// <summary>
    /// Ends a connection on which nothing comes. The client itself does so only once it is connected: it waits for ever for the first word of a broker
    /// that has accepted a connection and then says nothing, such as one that is just stopping.
    /// </summary>
    internal static void NoticeSilence(ConnectionFactory factory, RabbitMqOptions options, TimeProvider time) =>
        factory.SocketFactory = family => new BrokerSocket(family, options.AnswerTimeout, time);

    /// <summary>
    /// Waits for an answer as long as the limit says, whatever the client does: some of its waits (7.2.2) heed no token, when a connection ends at a bad moment.
    /// </summary>
    /// <exception cref="TimeoutException">None came.</exception>
    internal static async Task<T> LimitAsync<T>(this TimeSpan limit, Func<CancellationToken, Task<T>> ask, TimeProvider time, CancellationToken cancellation)
    {
        using var over = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellation);
        try
        {
            return await ask(either.Token).WaitAsync(either.Token);
        }
        // The client's own limits end in a cancellation, too; and ours, while it connects, in a broker that cannot be reached.
        catch (Exception e) when (!cancellation.IsCancellationRequested && (e is OperationCanceledException || (e is BrokerUnreachableException && over.IsCancellationRequested)))
        {
            throw new TimeoutException($"it does not answer within {limit.TotalSeconds:0.#} s", e);
        }
    }

    // The client wraps what has happened in its own general sentence.
    internal static string Why(Exception e) => (e.InnerException is AggregateException { InnerExceptions: [var first, ..] } ? first : e.InnerException ?? e) switch
    {
        AuthenticationFailureException => "it does not accept the user and password",
        OperationInterruptedException { ShutdownReason.ReplyCode: Constants.NotAllowed } => "it has no such virtual host, or does not let this user in",
        var cause => cause.Message.TrimEnd('.'),
    };
}
