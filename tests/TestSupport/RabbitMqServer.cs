using ImagePipeline.TestSupport.Servers;

namespace ImagePipeline.TestSupport;

/// <summary>
/// The RabbitMQ broker of one test process, found in the first way that works: the address in <c>IMAGEPIPE_TEST_RABBITMQ</c>; Docker; the
/// installed server, started privately; the same after <c>apt-get install</c>. Started when the first test asks for it, which takes some
/// seconds. Where there is none, the tests that need it fail and say what is missing. An assembly fixture:
/// <code>[assembly: AssemblyFixture(typeof(RabbitMqServer))]</code>
/// </summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    /// <summary>The environment variable with the address of a broker, <c>amqp://user:password@host:port</c>, whose user is an administrator.</summary>
    public const string AddressVariable = "IMAGEPIPE_TEST_RABBITMQ";

    /// <summary>The environment variable with the address of its management API; by default <c>http://host:15672</c>.</summary>
    public const string ManagementVariable = "IMAGEPIPE_TEST_RABBITMQ_MANAGEMENT";

    readonly ServerSearch<FoundBroker> _server =
        new("RabbitMQ", Brokers.AddressInTheEnvironment, Brokers.Docker, Brokers.InstalledServer, Brokers.InstalledByAptGet);

    readonly LeftVirtualHosts _left = new();

    /// <summary>Makes an empty virtual host for one test, which is deleted some time after it was disposed of: a broker to itself.</summary>
    public async Task<TestBroker> CreateVirtualHostAsync()
    {
        var broker = await _server.GetAsync();
        return await TestBroker.CreateAsync(broker, vHost => _left.LeaveAsync(broker, vHost));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _left.EndAsync();
        await _server.DisposeAsync();
    }
}
