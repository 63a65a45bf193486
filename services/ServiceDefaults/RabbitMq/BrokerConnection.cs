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
        try
        {
            await using var connection = await OpenAsync(options, "imagepipe doctor", cancellation);
            var version = connection.ServerProperties?.TryGetValue("version", out var value) == true && value is byte[] text ? $" {System.Text.Encoding.UTF8.GetString(text)}" : "";
            return $"RabbitMQ{version} at {options.Host}:{options.Port}, virtual host {options.VHost}";
        }
        catch (Exception e) when (e is BrokerUnreachableException or OperationInterruptedException or IOException)
        {
            throw new CannotStartException(
                $"{options.Host}:{options.Port}, virtual host {options.VHost} (settings {RabbitMqOptions.Section}, environment variables {RabbitMqOptions.Section}__…) "
                + $"cannot be used: {Why(e)}.", e);
        }
    }

    internal static Task<IConnection> OpenAsync(RabbitMqOptions options, string name, CancellationToken cancellation) => new ConnectionFactory
    {
        HostName = options.Host,
        Port = options.Port,
        VirtualHost = options.VHost,
        UserName = options.User,
        Password = options.Pass,
        Ssl = new SslOption { Enabled = options.UseSsl, ServerName = options.Host },
        ClientProvidedName = name,
        // Its own recovery can end half-way, when the broker is there again and its queues are not yet.
        AutomaticRecoveryEnabled = false,
    }.CreateConnectionAsync(cancellation);

    // The client wraps what has happened in its own general sentence.
    internal static string Why(Exception e) => (e.InnerException is AggregateException { InnerExceptions: [var first, ..] } ? first : e.InnerException ?? e) switch
    {
        AuthenticationFailureException => "it does not accept the user and password",
        OperationInterruptedException { ShutdownReason.ReplyCode: Constants.NotAllowed } => "it has no such virtual host, or does not let this user in",
        var cause => cause.Message.TrimEnd('.'),
    };
}
