using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using ImagePipeline.Cli;
using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Configuration;

namespace ImagePipeline.Pipeline.Tests;

public sealed partial class DocumentationTests
{
    static readonly MarkdownPage Readme = MarkdownPage.Read("README.md");
    static readonly MarkdownPage Messages = MarkdownPage.Read("docs/messages.md");
    static readonly MarkdownPage Configuration = MarkdownPage.Read("docs/configuration.md");

    static readonly JsonSerializerOptions Strict =
        new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    [Fact]
    public void Every_setting_stands_with_its_variable_its_default_and_its_range()
    {
        var rows = Configuration.Rows.ToLookup(row => row[0]);

        var wrong = DocumentedSetting.All
            .Where(setting => !rows[$"`{setting.Variable}`"].Any(row =>
                row[1] == setting.Default && row[2].StartsWith(setting.Range, StringComparison.Ordinal)))
            .Select(setting => $"| `{setting.Variable}` | {setting.Default} | {setting.Range} |");

        Assert.Empty(wrong);
    }

    [Fact]
    public void No_setting_stands_there_that_does_not_exist()
    {
        var known = DocumentedSetting.All.Select(setting => $"`{setting.Variable}`").ToHashSet();

        var named = Configuration.Rows.Select(row => row[0]).Where(cell => cell.Contains("__", StringComparison.Ordinal));

        Assert.Empty(named.Except(known));
    }

    [Fact]
    public void No_options_class_is_left_out()
    {
        var documented = DocumentedSetting.Sections.Select(section => section.Options).ToHashSet();

        var all = documented.Select(type => type.Assembly).Distinct().SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal) && !type.IsGenericType);

        Assert.Empty(all.Except(documented));
    }

    [Fact]
    public void Every_rejection_stands_with_the_text_that_people_are_shown()
    {
        var documented = Messages.Rows.Where(row => row.Length == 3).Select(row => (row[0].Trim('`'), row[2]));

        Assert.All(Enum.GetValues<PhotoRejection>(), rejection => Assert.Contains((rejection.ToString(), rejection.Text()), documented));
    }

    [Fact]
    public void The_example_of_a_feeds_file_is_accepted()
    {
        var example = Assert.Single(MarkdownPage.Blocks("json", Configuration.Section("A feeds file")));
        using var json = new MemoryStream(Encoding.UTF8.GetBytes(example));

        var feeds = new FeedSettings(new ConfigurationBuilder().AddJsonStream(json).Build());

        Assert.NotEmpty(feeds.Ids);
        Assert.All(feeds.Ids, id => feeds.Configure(id, new FeedOptions()));
    }

    [Theory]
    [InlineData(typeof(RunSummary), "The summary")]
    [InlineData(typeof(BackfillSummary), "The summary of a backfill")]
    public void Every_field_of_the_summary_stands_there(Type summary, string heading)
    {
        var section = Configuration.Section(heading);

        Assert.All(Fields(summary, ""), field => Assert.Contains($"`{field}`", section, StringComparison.Ordinal));

        static IEnumerable<string> Fields(Type type, string path) => type.GetProperties().SelectMany(property =>
        {
            var name = path + CamelCase(property.Name);
            return property.PropertyType.IsNestedAssembly ? Fields(property.PropertyType, $"{name}.") : [name];
        });
    }

    [Fact]
    public void Every_message_stands_with_all_its_properties_and_every_enum_with_all_its_values()
    {
        var types = typeof(PhotosReady).Assembly.GetExportedTypes().Where(type => type.IsEnum || !(type.IsAbstract && type.IsSealed));

        var missing = types.SelectMany(type => Names(type)
            .Where(name => !Messages.Section(type.Name).Contains($"`{name}`", StringComparison.Ordinal))
            .Select(name => $"{type.Name}: {name}"));

        Assert.Empty(missing);

        static IEnumerable<string> Names(Type type) => type.IsEnum ? Enum.GetNames(type) : type.GetProperties().Select(p => CamelCase(p.Name));
    }

    [Fact]
    public void The_examples_of_messages_read_as_these_messages()
    {
        var submitted = Examples<ListingPhotosSubmitted>();
        var ready = Examples<PhotosReady>();

        Assert.Equal(3, submitted.Count);
        Assert.Equal(Identity.ListingUid("sample", "S1000"), Assert.Single(ready).ListingUid);

        // A block is one message, or one on each line.
        static List<T> Examples<T>() => [.. MarkdownPage.Blocks("json", Messages.Section(typeof(T).Name, deep: true))
            .SelectMany(block => block.StartsWith("{\n", StringComparison.Ordinal) ? [block] : block.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .Select(json => JsonSerializer.Deserialize<T>(json, Strict)!)];
    }

    [Fact]
    public void Every_metric_stands_in_the_runbook_with_the_alert_it_deserves()
    {
        var metrics = MarkdownPage.Read("docs/metrics.md").Rows.Select(row => row[0].Trim('`')).Where(name => name.StartsWith("imagepipe_", StringComparison.Ordinal));

        var alerts = MetricName().Matches(string.Concat(MarkdownPage.Read("docs/operations.md").Rows.Where(row => row[0].StartsWith("`imagepipe_", StringComparison.Ordinal)).Select(row => row[0])));

        Assert.Equal(metrics.Order(), alerts.Select(name => name.Value).Order());
    }

    [Fact]
    public void The_readme_is_short()
    {
        Assert.InRange(Readme.LineCount, 1, 120);
    }

    [Fact]
    public async Task Every_task_that_is_named_exists()
    {
        using var help = Process.Start(
            new ProcessStartInfo("bash", ["run", "help"]) { WorkingDirectory = Repository.File(""), RedirectStandardOutput = true })!;
        var tasks = Tasks(await help.StandardOutput.ReadToEndAsync());
        await help.WaitForExitAsync();

        Assert.Contains("demo", tasks);
        Assert.All(MarkdownPage.All, page => Assert.Empty(Tasks(page.Text).Except(tasks)));

        static HashSet<string> Tasks(string text) => [.. TaskName().Matches(text).Select(task => task.Groups[1].Value)];
    }

    [Fact]
    public void Every_link_leads_to_a_file_and_every_anchor_to_a_heading()
    {
        var broken = MarkdownPage.All.SelectMany(page => page.Links.Where(link => !Leads(page, link)).Select(link => $"{page.Path}: {link}"));

        Assert.Empty(broken);

        static bool Leads(MarkdownPage page, string link)
        {
            if (link.Contains("://", StringComparison.Ordinal)) return true;
            var parts = link.Split('#');
            var target = parts[0].Length == 0 ? page.Path : Path.Combine(Path.GetDirectoryName(page.Path)!, parts[0]);
            return Path.Exists(Repository.File(target))
                && (parts.Length == 1 || MarkdownPage.Read(target).Anchors.Contains(parts[1]));
        }
    }

    static string CamelCase(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    [GeneratedRegex("imagepipe_[a-z_]+")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"\./run ([a-z]+)")]
    private static partial Regex TaskName();
}
