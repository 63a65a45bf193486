using System.Net;
using System.Net.Sockets;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Services;

public sealed class StartTests(PostgresServer postgres)
{
    public static TheoryData<string> Services => ["FeedIngest", "PhotoWorker", "ListingNotifier"];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Every_setting_that_is_wrong_is_a_sentence_on_stderr_and_nothing_is_touched(string service)
    {
        using var folder = new TempFolder();

        var ended = await RunAsync(service, folder, new()
        {
            ["Service__StopTimeout"] = "1",
            ["Service__Name"] = "x",
            ["RabbitMqTransport__Port"] = "many",
            ["Rungs__Delays__0"] = "soon",
            ["Feeds__Acme__Source"] = "https://mls.example.com",
            ["Feeds__good__OutstandingPhotos"] = "0",
        });

        AssertRefused(ended);
        Assert.Equal(
            [
                $"{service}: Feeds:Acme is not a feed id",
                $"{service}: Feeds:good:OutstandingPhotos (environment variable Feeds__good__OutstandingPhotos) is \"0\"",
                $"{service}: RabbitMqTransport:Port (environment variable RabbitMqTransport__Port) is \"many\"",
                $"{service}: Rungs:Delays:0 (environment variable Rungs__Delays__0) is \"soon\"",
                $"{service}: Service:Name (environment variable Service__Name) is not a setting",
            ],
            ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split("; ")[0]).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("Bus__Transport", "InMemory", "nobody hears a service that is alone on its bus")]
    [InlineData("FeedsFile", "nowhere.json", "The feeds file nowhere.json cannot be read.")]
    [InlineData("FeedsFile", "", "FeedsFile (environment variable FeedsFile) is empty")]
    [InlineData("Logging__LogLevel__Default", "Loud", "accepted are Trace, Debug, Information, Warning, Error, Critical, None.")]
    [InlineData("Store__Url", "ftp://photos", "Store:Url (environment variable Store__Url) names a kind of store that is not known")]
    [InlineData("Store__Url", "file:/proc/no/photos", "/proc/no/photos")]
    [InlineData("Database__ConnectionString", "", "Database:ConnectionString (environment variable Database__ConnectionString) is not set")]
    [InlineData("Database__ConnectionString", "Data Source=state.db", "accepted is the PostgreSQL database that all services share")]
    [InlineData("Database__ConnectionString", "Server", "Database:ConnectionString (environment variable Database__ConnectionString) is not understood")]
    [InlineData("Database__ConnectionString", "Host=127.0.0.1;Port=1;Database=d;Username=u;Password=secret", "The database d on 127.0.0.1:1 cannot be used")]
    [InlineData("ASPNETCORE_URLS", "https://*:8443", "The environment variable ASPNETCORE_URLS is \"https://*:8443\"; accepted are addresses such as http://*:8080")]
    [InlineData("ASPNETCORE_URLS", "http://192.0.2.1:80", "Health and metrics cannot be served at http://192.0.2.1:80")]
    public async Task What_cannot_be_used_is_one_sentence(string variable, string value, string sentence)
    {
        using var folder = new TempFolder();

        var ended = await RunAsync("PhotoWorker", folder, new() { [variable] = value });

        AssertRefused(ended);
        Assert.Contains(sentence, Assert.Single(ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", ended.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_was_asked_for_and_is_taken_is_a_sentence()
    {
        using var folder = new TempFolder();
        using var taken = new TcpListener(IPAddress.Any, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var ended = await RunAsync("ListingNotifier", folder, new() { ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}" });

        AssertRefused(ended);
        Assert.EndsWith($"\"http://127.0.0.1:{port}\"; that address is taken.\n", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_whose_source_cannot_be_right_is_a_sentence_without_its_secret()
    {
        using var folder = new TempFolder();

        var ended = await RunAsync("FeedIngest", folder, new() { ["Feeds__acme__Source"] = "https://user:secret@mls.example.com" });

        AssertRefused(ended);
        Assert.Contains("credentials belong into the feed's Headers", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", ended.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_are_refused()
    {
        using var folder = new TempFolder();
        await using var service = ServiceProcess.Start("FeedIngest", folder.Path, new Dictionary<string, string>(), "--Rungs:Delays:0=00:00:01");

        AssertRefused(await service.EndAsync());
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Without_a_broker_it_lives_is_not_ready_says_so_once_and_stops_when_asked(string service)
    {
        using var folder = new TempFolder();
        await using var process = ServiceProcess.Start(service, folder.Path, new Dictionary<string, string>
        {
            ["RabbitMqTransport__Port"] = "1",
            ["Database__ConnectionString"] = await postgres.CreateDatabaseAsync(),
        });

        await process.UntilSaidAsync("cannot be used and is tried again until it can");
        var live = await process.GetAsync("/health/live");
        var ready = await process.GetAsync("/health/ready");
        var nothing = await process.GetAsync("/health");
        process.Terminate();
        var ended = await process.EndAsync();

        Assert.Equal(HttpStatusCode.OK, live.Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.Status);
        Assert.Contains("\"status\":\"is starting\"", ready.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, nothing.Status);
        Assert.Single(ended.Out.Split('\n'), line => line.Contains("tried again", StringComparison.Ordinal));
        Assert.True(ended is { ExitCode: 0, Error: "" }, ended.Said);
        Assert.All(ended.Out.Split('\n'), line => Assert.Matches(@"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ (info|warning) \w+: \S", line));
    }

    async Task<Ended> RunAsync(string service, TempFolder folder, Dictionary<string, string> environment)
    {
        environment.TryAdd("Database__ConnectionString", await postgres.CreateDatabaseAsync());
        await using var process = ServiceProcess.Start(service, folder.Path, environment);
        return await process.EndAsync();
    }

    static void AssertRefused(Ended ended)
    {
        Assert.True(ended.ExitCode == 2, ended.Said);
        Assert.Equal("", ended.Out);
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
    }
}
