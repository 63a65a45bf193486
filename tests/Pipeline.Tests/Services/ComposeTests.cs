using System.Text.RegularExpressions;
using ImagePipeline.ServiceDefaults.Hosting;
using ImagePipeline.ServiceDefaults.RabbitMq;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Photos;
using Microsoft.Extensions.Configuration;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using Settings = ImagePipeline.ServiceDefaults.Settings;

namespace ImagePipeline.Pipeline.Tests.Services;

/// <summary>compose.yaml and Dockerfile, as far as they can be held against the code without containers.</summary>
public sealed partial class ComposeTests
{
    static readonly Dictionary<string, object> Compose = ReadCompose();

    static readonly string Dockerfile = File.ReadAllText(Repository.File("Dockerfile"));

    public static TheoryData<string> Ours => ["feed-ingest", "photo-worker", "listing-notifier"];

    [Theory]
    [MemberData(nameof(Ours))]
    public void Every_variable_of_a_service_is_a_setting_and_accepted(string service)
    {
        var variables = Map(Service(service)["environment"]).ToDictionary(v => v.Key, v => Substituted((string)v.Value));
        string[] beside = ["FeedsFile"];

        Assert.Empty(variables.Keys.Except(beside).Except(DocumentedSetting.All.Select(setting => setting.Variable)));

        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(variables.Select(v => new KeyValuePair<string, string?>(v.Key.Replace("__", ":", StringComparison.Ordinal), v.Value)))
            .Build();
        var broker = Bound<RabbitMqOptions>(configuration, RabbitMqOptions.Section);
        var (database, store) = (Bound<DatabaseOptions>(configuration, "Database"), Bound<PhotoStoreOptions>(configuration, "Store"));
        Assert.Equal(("rabbitmq", "value of RABBITMQ_PASSWORD"), (broker.Host, broker.Pass));
        Assert.Equal("imagepipe on postgres:5432", PipelineDatabase.Open(database.ConnectionString).Name);
        Assert.IsType<FilePhotoStore>(PhotoStoreFactory.Open(store));
        Assert.Contains($"photos:{store.Url["file:".Length..]}", List(Service(service)["volumes"]));
        Assert.Contains(List(Service(service)["volumes"]), volume => volume.EndsWith($":{variables["FeedsFile"]}:ro", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Ours))]
    public void A_service_is_killed_only_after_its_time_to_stop(string service)
    {
        var grace = TimeSpan.FromSeconds(int.Parse(((string)Service(service)["stop_grace_period"]).TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture));

        Assert.True(grace > new ServiceOptions().StopTimeout);
    }

    [Theory]
    [MemberData(nameof(Ours))]
    public void A_service_is_one_of_the_image_and_waits_for_broker_and_database(string service)
    {
        var program = Assert.Single(List(Service(service)["command"]));

        Assert.Contains(Path.GetFileNameWithoutExtension(program), PublishedServices().Match(Dockerfile).Groups[1].Value.Split(' '));
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, program)));
        Assert.All(Map(Service(service)["depends_on"]), on => Assert.Equal("service_healthy", Map(on.Value)["condition"]));
        Assert.All(Map(Service(service)["depends_on"]), on => Assert.Contains("healthcheck", Service(on.Key).Keys));
    }

    [Fact]
    public void Any_number_of_workers_can_run_on_one_machine() =>
        Assert.All(Ours, service => Assert.Empty(Service(service).Keys.Intersect(["container_name", "ports", "hostname"])));

    [Fact]
    public void Every_image_is_pinned_and_nothing_runs_as_root()
    {
        var images = FromImage().Matches(Dockerfile).Select(from => from.Groups[1].Value)
            .Concat(Services.Where(s => !Ours.Any(ours => ours == s.Key)).Select(s => (string)Map(s.Value)["image"]));

        Assert.All(images, image => Assert.Matches(@":\d+\.\d+", image));
        Assert.Matches(@"\nUSER \$APP_UID\n", Dockerfile);
        Assert.All(Services, s => Assert.True(Ours.Any(ours => ours == s.Key) || Map(s.Value)["user"] is not ("root" or "0")));
        Assert.All(Services, s => Assert.Contains("mem_limit", Map(s.Value).Keys));
    }

    [Fact]
    public void No_password_stands_there() => Assert.All(
        Services.SelectMany(s => Map(s.Value).TryGetValue("environment", out var environment) ? Map(environment) : []).Where(v => PasswordName().IsMatch(v.Key)),
        password => Assert.Matches(@"\$\{[A-Z_]+:\?[^}]*\}$", (string)password.Value));

    [Fact]
    public void The_image_is_built_with_the_sdk_that_the_repository_asks_for()
    {
        var sdk = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Repository.File("global.json"))).RootElement.GetProperty("sdk").GetProperty("version").GetString();

        Assert.Contains($"/dotnet/sdk:{sdk}-", Dockerfile, StringComparison.Ordinal);
    }

    static Dictionary<string, object> Services => Map(Compose["services"]);

    static Dictionary<string, object> Service(string name) => Map(Services[name]);

    static T Bound<T>(IConfiguration configuration, string section)
        where T : class, new()
    {
        var options = new T();
        Settings.Bind(configuration.GetSection(section), options);
        return options;
    }

    // ${NAME:-default} and ${NAME:?why it is needed}.
    static string Substituted(string value) => Substitution().Replace(
        value, m => m.Groups["default"].Success ? m.Groups["default"].Value : $"value of {m.Groups["name"].Value}");

    static Dictionary<string, object> ReadCompose()
    {
        using var text = File.OpenText(Repository.File("compose.yaml"));
        return Map(new DeserializerBuilder().Build().Deserialize<object>(new MergingParser(new Parser(text))));
    }

    static Dictionary<string, object> Map(object yaml) => ((Dictionary<object, object>)yaml).ToDictionary(e => (string)e.Key, e => e.Value);

    static List<string> List(object yaml) => [.. ((List<object>)yaml).Cast<string>()];

    [GeneratedRegex("for service in ([A-Za-z ]+);")]
    private static partial Regex PublishedServices();

    [GeneratedRegex(@"^FROM (?:--\S+ )?(\S+)", RegexOptions.Multiline)]
    private static partial Regex FromImage();

    [GeneratedRegex("pass", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordName();

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+)(?::-(?<default>[^}]*)|:\?[^}]*)\}")]
    private static partial Regex Substitution();
}
