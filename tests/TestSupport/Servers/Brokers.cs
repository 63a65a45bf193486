using System.Security.Cryptography;
using RabbitMQ.Client.Exceptions;
using Testcontainers.RabbitMq;

namespace ImagePipeline.TestSupport.Servers;

/// <summary>The ways to a RabbitMQ broker.</summary>
static class Brokers
{
    const string AddressVariable = RabbitMqServer.AddressVariable;
    const string ManagementVariable = RabbitMqServer.ManagementVariable;

    const string Image = "rabbitmq:3.13.7-management";
    const int ManagementPort = 15672;

    // What the management API says of queues is a second or two old; it would be five to ten.
    const string FreshStatistics =
        """
        collect_statistics_interval = 1000
        management.sample_retention_policies.global.minute = 1
        management.sample_retention_policies.basic.minute = 1
        management.sample_retention_policies.detailed.minute = 1
        """;
    const string FreshQuorumQueues = "-rabbit quorum_tick_interval 1000";

    // Those on Debian's PATH are wrappers that use the folders of the system's own broker.
    static readonly string[] BeforeThePath = ["/usr/lib/rabbitmq/bin"];

    public static async Task<FoundBroker> AddressInTheEnvironment()
    {
        if (Environment.GetEnvironmentVariable(AddressVariable) is not { Length: > 0 } address)
            throw new NoServerException($"{AddressVariable} is not set");
        try
        {
            var amqp = new Uri(address);
            if (amqp.Scheme != "amqp" || amqp.Host == "")
                throw new UriFormatException("it is not of the form amqp://user:password@host:port");
            var management = Environment.GetEnvironmentVariable(ManagementVariable) is { Length: > 0 } named
                ? new Uri(named)
                : new UriBuilder("http", amqp.Host, ManagementPort).Uri;
            var broker = new FoundBroker(address, management, () => ValueTask.CompletedTask, ControlAsync: null);
            await using var host = await TestBroker.CreateAsync(broker);
            await using var connection = await host.ConnectAsync();
            return broker;
        }
        catch (Exception error) when (error is UriFormatException or RabbitMQClientException or IOException or HttpRequestException or OperationCanceledException)
        {
            // Whoever names a server means that one: no other is looked for.
            throw new InvalidOperationException(
                $"{AddressVariable} is set, but the broker it names, or its management API ({ManagementVariable}), cannot be used: {error.Message}", error);
        }
    }

    public static async Task<FoundBroker> Docker()
    {
        var password = NewPassword();
        var container = await DockerEngine.StartAsync(Image, () => new RabbitMqBuilder(Image)
            .WithUsername("tests")
            .WithPassword(password)
            .WithPortBinding(ManagementPort, assignRandomHostPort: true)
            .WithEnvironment("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", FreshQuorumQueues)
            .WithResourceMapping(System.Text.Encoding.ASCII.GetBytes($"{FreshStatistics}\n"), "/etc/rabbitmq/conf.d/90-tests.conf")
            .Build());
        return new FoundBroker(
            $"amqp://tests:{password}@{container.Hostname}:{container.GetMappedPublicPort(RabbitMqBuilder.RabbitMqPort)}",
            new UriBuilder("http", container.Hostname, container.GetMappedPublicPort(ManagementPort)).Uri,
            container.DisposeAsync,
            async command =>
            {
                var said = await container.ExecAsync(["rabbitmqctl", .. command]);
                if (said.ExitCode != 0)
                    throw new InvalidOperationException($"rabbitmqctl {string.Join(' ', command)} failed: {said.Stderr.Trim()}");
            });
    }

    public static async Task<FoundBroker> InstalledServer()
    {
        var programs = BeforeThePath.Concat(Programs.Folders())
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "rabbitmq-server")) && File.Exists(Path.Combine(folder, "rabbitmqctl")))
            ?? throw new NoServerException($"neither {BeforeThePath[0]} nor the PATH has rabbitmq-server and rabbitmqctl");
        var epmd = Programs.Find("epmd") ?? throw new NoServerException("Erlang's epmd is not on the PATH");
        var password = NewPassword();
        for (var tries = 1; ; tries++)
        {
            var (port, managementPort) = (PrivateServer.FreePort(), PrivateServer.FreePort());
            try
            {
                var server = await PrivateServer.StartAsync(
                    "rabbitmq",
                    Programs.HasUser("rabbitmq") ? "rabbitmq" : "nobody",
                    // Its own port mapper, there before the node, which would start one that outlives it. The node replaces the shell that
                    // starts it, so that it is the process to kill; without input, and Ctrl-C is for the tests.
                    """
                    export HOME="$FOLDER" RABBITMQ_MNESIA_BASE="$FOLDER/data" RABBITMQ_LOG_BASE="$FOLDER" RABBITMQ_LOGS=- \
                        RABBITMQ_CONF_ENV_FILE="$FOLDER/none" RABBITMQ_CONFIG_FILES="$FOLDER/none" RABBITMQ_ADVANCED_CONFIG_FILE="$FOLDER/none" \
                        RABBITMQ_CONFIG_FILE="$FOLDER/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$FOLDER/enabled_plugins"
                    printf '%s\n' "$SETTINGS" >rabbitmq.conf && printf '[rabbitmq_management].\n' >enabled_plugins &&
                    { "$EPMD" -port "$ERL_EPMD_PORT" -address 127.0.0.1 & mapper=$!; } &&
                    { tries=0; until "$EPMD" -names || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done; "$EPMD" -names; } &&
                    { RABBITMQ_ALLOW_INPUT=1 "$PROGRAMS/rabbitmq-server" & server=$!; } &&
                    "$PROGRAMS/rabbitmqctl" --timeout 90 wait --pid $server
                    """,
                    "kill -KILL $server $mapper; wait",
                    // Why it took no more messages, or was of no use any more: tests only see that nothing comes.
                    "grep -hE 'alarm (set|clear)|reached_max_restart_intensity' start.log",
                    new()
                    {
                        ["PROGRAMS"] = programs,
                        ["EPMD"] = epmd,
                        ["ERL_EPMD_PORT"] = $"{PrivateServer.FreePort()}",
                        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
                        ["RABBITMQ_DIST_PORT"] = $"{PrivateServer.FreePort()}",
                        ["RABBITMQ_NODENAME"] = $"imagepipe-test-{port}@localhost",
                        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = $"-noinput +Bi -kernel inet_dist_use_interface {{127,0,0,1}} {FreshQuorumQueues}",
                        ["RABBITMQ_CTL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
                        ["SETTINGS"] =
                            $"""
                            listeners.tcp.1 = 127.0.0.1:{port}
                            management.tcp.ip = 127.0.0.1
                            management.tcp.port = {managementPort}
                            default_user = tests
                            default_pass = {password}
                            log.console.level = warning
                            disk_free_limit.absolute = 1MB
                            {FreshStatistics}
                            """,
                    });
                return new FoundBroker(
                    $"amqp://tests:{password}@127.0.0.1:{port}",
                    new UriBuilder("http", "127.0.0.1", managementPort).Uri,
                    server.DisposeAsync,
                    command => server.RunAsync($"\"$PROGRAMS/rabbitmqctl\" {string.Join(' ', command)}"));
            }
            catch (NoServerException taken) when (tries < 3
                && (taken.Message.Contains("eaddrinuse", StringComparison.Ordinal) || taken.Message.Contains("Address already in use", StringComparison.Ordinal)))
            {
            }
        }
    }

    public static async Task<FoundBroker> InstalledByAptGet()
    {
        await Programs.AptInstallAsync("rabbitmq-server");
        return await InstalledServer();
    }

    static string NewPassword() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
