using ImagePipeline.TestSupport.Servers;

namespace ImagePipeline.TestSupport;

/// <summary>
/// A RabbitMQ broker beside <see cref="RabbitMqServer"/>, for tests that take it away from the product: found in the same ways, but never
/// the one in the environment, which is not theirs. Its connections are cut for everybody, so it is a fixture of a class or a collection,
/// whose tests run one after the other:
/// <code>public sealed class OutageTests(RestartableRabbitMqServer rabbitMq) : IClassFixture&lt;RestartableRabbitMqServer&gt;</code>
/// </summary>
public sealed class RestartableRabbitMqServer : IAsyncDisposable
{
    readonly ServerSearch<FoundBroker> _server = new("RabbitMQ", Brokers.Docker, Brokers.InstalledServer, Brokers.InstalledByAptGet);

    /// <summary>Makes an empty virtual host for one test: a broker to itself. It stays as long as the server: none may be deleted soon after a restart (see <see cref="LeftVirtualHosts"/>).</summary>
    public async Task<TestBroker> CreateVirtualHostAsync() => await TestBroker.CreateAsync(await _server.GetAsync(), _ => Task.CompletedTask);

    /// <summary>Stops it, which takes some seconds: connections are cut at once, new ones are refused; durable queues and persistent messages stay.</summary>
    public Task StopAsync() => ControlAsync("stop_app");

    /// <summary>Starts it again, on the same ports; it is there when this ends.</summary>
    public Task StartAsync() => ControlAsync("start_app");

    /// <summary>Stops and starts it.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>It is short of disk, as it thinks: whoever publishes waits.</summary>
    public Task TakeNoMessagesAsync() => ControlAsync("set_disk_free_limit", "1000000GB");

    /// <summary>It has room again.</summary>
    public Task TakeMessagesAsync() => ControlAsync("set_disk_free_limit", "1MB");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    async Task ControlAsync(params string[] command) => await (await _server.GetAsync()).ControlAsync!(command);
}
