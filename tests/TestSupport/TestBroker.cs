using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ImagePipeline.TestSupport.Servers;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ImagePipeline.TestSupport;

/// <summary>A virtual host of a RabbitMQ broker for one test, and what tests do there beside the product.</summary>
public sealed class TestBroker : IAsyncDisposable
{
    // The client can wait for ever on a connection that ends at a bad moment; a test then says so.
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly ManagementApi _management;
    readonly SemaphoreSlim _connecting = new(1, 1);
    readonly Func<string, Task>? _leave;
    IConnection? _connection;

    TestBroker(FoundBroker broker, ManagementApi management, Func<string, Task>? leave)
    {
        _management = management;
        _leave = leave;
        Host = broker.Amqp.Host;
        Port = broker.Amqp.Port is var port and > 0 ? port : AmqpTcpEndpoint.UseDefaultPort;
        User = broker.User;
        Password = broker.Password;
    }

    /// <summary>The broker's name or address.</summary>
    public string Host { get; }

    /// <summary>The broker's port for AMQP.</summary>
    public int Port { get; }

    /// <summary>The virtual host.</summary>
    public string VHost { get; } = $"imagepipe-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";

    /// <summary>Who may do everything in it.</summary>
    public string User { get; }

    /// <summary>That user's password.</summary>
    public string Password { get; }

    /// <summary>How a process of the product would be told of it.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["Bus:Transport"] = "RabbitMq",
        ["RabbitMqTransport:Host"] = Host,
        ["RabbitMqTransport:Port"] = Port.ToString(CultureInfo.InvariantCulture),
        ["RabbitMqTransport:VHost"] = VHost,
        ["RabbitMqTransport:User"] = User,
        ["RabbitMqTransport:Pass"] = Password,
    };

    /// <summary>Makes one, which is deleted when disposed of, or given to <paramref name="leave"/>.</summary>
    internal static async Task<TestBroker> CreateAsync(FoundBroker server, Func<string, Task>? leave = null)
    {
        var broker = new TestBroker(server, new ManagementApi(server), leave);
        await broker._management.PutAsync($"vhosts/{broker.VHost}", new { });
        await broker._management.PutAsync(
            $"permissions/{broker.VHost}/{Uri.EscapeDataString(broker.User)}", new { configure = ".*", write = ".*", read = ".*" });
        return broker;
    }

    /// <summary>A connection of the test's own, which does not come back by itself.</summary>
    public Task<IConnection> ConnectAsync() => new ConnectionFactory
    {
        HostName = Host,
        Port = Port,
        VirtualHost = VHost,
        UserName = User,
        Password = Password,
        AutomaticRecoveryEnabled = false,
    }.CreateConnectionAsync().WaitAsync(Patience);

    /// <summary>How many messages of a queue are ready; null where there is no such queue.</summary>
    public async Task<long?> CountAsync(string queue)
    {
        try
        {
            return await DoAsync(async channel => (await channel.QueueDeclarePassiveAsync(queue)).MessageCount);
        }
        catch (OperationInterruptedException none) when (none.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
    }

    /// <summary>All queues, as the management API sees them: their counts are a second or two old, in a broker that was there before five to ten, those of <see cref="CountAsync"/> are not.</summary>
    public async Task<IReadOnlyList<QueueInfo>> QueuesAsync() =>
        [.. (await _management.GetAsync($"queues/{VHost}")).EnumerateArray().Select(QueueInfo.Of)];

    /// <summary>Declares a durable queue: a classic one, unless its arguments say otherwise.</summary>
    public Task DeclareQueueAsync(string queue, Dictionary<string, object?>? arguments = null) =>
        DoAsync(channel => channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments));

    /// <summary>Sends what an exchange gets to a queue as well.</summary>
    public Task BindAsync(string queue, string exchange, string routingKey = "") => DoAsync(async channel =>
    {
        await channel.QueueBindAsync(queue, exchange, routingKey);
        return true;
    });

    /// <summary>Removes the ready messages of a queue.</summary>
    public Task PurgeAsync(string queue) => DoAsync(channel => channel.QueuePurgeAsync(queue));

    /// <summary>Publishes a persistent message; it is in its queues when this ends. No exchange is the one that sends to queues by their name.</summary>
    /// <exception cref="PublishException">No queue takes it.</exception>
    public Task PublishAsync(
        string exchange, string routingKey, string body, Dictionary<string, object?>? headers = null, string? contentType = "application/json") => DoAsync(async channel =>
    {
        var properties = new BasicProperties { Persistent = true, ContentType = contentType, Headers = headers };
        await channel.BasicPublishAsync(exchange, routingKey, mandatory: true, properties, Encoding.UTF8.GetBytes(body));
        return true;
    });

    /// <summary>Takes the next message out of a queue; null where none is ready.</summary>
    public Task<TestMessage?> GetAsync(string queue) =>
        DoAsync(async channel => await channel.BasicGetAsync(queue, autoAck: true) is { } got ? new TestMessage(got) : null);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync().AsTask().WaitAsync(Patience);
        await (_leave is null ? _management.DeleteAsync($"vhosts/{VHost}") : _leave(VHost));
        _management.Dispose();
        _connecting.Dispose();
    }

    Task<T> DoAsync<T>(Func<IChannel, Task<T>> action) => OnChannelAsync(action).WaitAsync(Patience);

    // A channel for each: an error closes it.
    async Task<T> OnChannelAsync<T>(Func<IChannel, Task<T>> action)
    {
        var connection = await OpenConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        return await action(channel);
    }

    async Task<IConnection> OpenConnectionAsync()
    {
        await _connecting.WaitAsync();
        try
        {
            // One that is closed has put itself away.
            if (_connection is { IsOpen: false })
                _connection = null;
            return _connection ??= await ConnectAsync();
        }
        finally
        {
            _connecting.Release();
        }
    }
}

/// <summary>A queue.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">What it was declared with, such as <c>x-queue-type</c>, as text.</param>
/// <param name="Ready">Its messages that wait.</param>
/// <param name="Unacked">Its messages that consumers hold.</param>
/// <param name="Consumers">Who reads it.</param>
public sealed record QueueInfo(string Name, IReadOnlyDictionary<string, string> Arguments, long Ready, long Unacked, int Consumers)
{
    // A queue so new that there are no numbers yet is empty.
    internal static QueueInfo Of(JsonElement queue) => new(
        queue.GetProperty("name").GetString()!,
        queue.GetProperty("arguments").EnumerateObject().ToDictionary(argument => argument.Name, argument => argument.Value.ToString()),
        Number(queue, "messages_ready"),
        Number(queue, "messages_unacknowledged"),
        (int)Number(queue, "consumers"));

    static long Number(JsonElement queue, string name) => queue.TryGetProperty(name, out var number) ? number.GetInt64() : 0;
}

/// <summary>A message as it was in a queue.</summary>
public sealed class TestMessage
{
    internal TestMessage(BasicGetResult got)
    {
        Body = Encoding.UTF8.GetString(got.Body.Span);
        Exchange = got.Exchange;
        RoutingKey = got.RoutingKey;
        Redelivered = got.Redelivered;
        Properties = got.BasicProperties;
        Headers = (got.BasicProperties.Headers ?? new Dictionary<string, object?>()).ToDictionary(header => header.Key, header => Readable(header.Value));
    }

    /// <summary>Its text.</summary>
    public string Body { get; }

    /// <summary>The exchange it came from last; empty for the default one.</summary>
    public string Exchange { get; }

    /// <summary>The routing key it came with.</summary>
    public string RoutingKey { get; }

    /// <summary>Whether a consumer had it before.</summary>
    public bool Redelivered { get; }

    /// <summary>Its properties: message id, content type, expiration and the like.</summary>
    public IReadOnlyBasicProperties Properties { get; }

    /// <summary>Its headers; text as <see cref="string"/>, tables as dictionaries, such as those of <c>x-death</c>.</summary>
    public IReadOnlyDictionary<string, object?> Headers { get; }

    static object? Readable(object? value) => value switch
    {
        byte[] text => Encoding.UTF8.GetString(text),
        IList<object?> list => list.Select(Readable).ToList(),
        IDictionary<string, object?> table => table.ToDictionary(field => field.Key, field => Readable(field.Value)),
        _ => value,
    };
}
