using System.Data.Common;
using System.Text.Json;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Pipeline.Tests;

/// <summary>docs/website.md shows the samples that the tests run, and nothing else.</summary>
public sealed class WebsitePageTests(PostgresServer postgres)
{
    static readonly MarkdownPage Page = MarkdownPage.Read("docs/website.md");

    public static TheoryData<string> Samples =>
    [
        "samples/website-node/hear.mjs", "samples/website-node/listings.mjs", "samples/website-node/ask.mjs", "samples/website-node/submit.mjs",
        "samples/website-node/package.json", "samples/website-node/.npmrc",
        "samples/WebsiteCs/Program.cs", "samples/WebsiteCs/Listings.cs",
    ];

    static readonly string[] Languages = ["js", "csharp", "json", "ini"];

    static readonly string[] Folders = ["samples/website-node", "samples/WebsiteCs"];

    static IEnumerable<string> Code => Languages.SelectMany(language => MarkdownPage.Blocks(language, Page.Text));

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_page_shows_a_sample_from_its_first_line_to_its_last(string path)
    {
        var sample = File.ReadAllText(Repository.File(path));

        foreach (var block in Code)
            sample = sample.Replace(block, "", StringComparison.Ordinal);

        Assert.Equal("", sample.Trim());
    }

    [Fact]
    public void No_code_stands_there_that_is_not_run()
    {
        var samples = Samples.Select(path => File.ReadAllText(Repository.File(path.Data))).ToList();

        Assert.All(Code, block => Assert.Contains(samples, sample => sample.Contains(block, StringComparison.Ordinal)));
    }

    [Fact]
    public void No_file_of_the_samples_is_left_out()
    {
        var files = Folders.SelectMany(folder => Directory.EnumerateFiles(Repository.File(folder)))
            .Select(file => Path.GetRelativePath(Repository.File(""), file));

        Assert.Equal(["samples/WebsiteCs/WebsiteCs.csproj", "samples/website-node/package-lock.json"], files.Except(Samples.Select(path => path.Data)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("csharp", "queue.Handler<PhotosReady>", 10)]
    [InlineData("js", "channel.consume", 20)]
    public void Hearing_takes_no_more_lines_than_the_page_says(string language, string what, int lines)
    {
        var block = Assert.Single(MarkdownPage.Blocks(language, Page.Text), block => block.Contains(what, StringComparison.Ordinal));

        Assert.InRange(block.Split('\n').Count(line => line.Trim().Length > 0), 1, lines);
    }

    [Fact]
    public void The_lock_file_names_no_registry_and_fixes_every_package()
    {
        var text = File.ReadAllText(Repository.File("samples/website-node/package-lock.json"));
        var packages = JsonDocument.Parse(text).RootElement.GetProperty("packages").EnumerateObject().Where(package => package.Name != "").ToList();

        Assert.DoesNotContain("resolved", text, StringComparison.Ordinal);
        Assert.DoesNotContain("://", text, StringComparison.Ordinal);
        Assert.All(packages, package => Assert.StartsWith("sha512-", package.Value.GetProperty("integrity").GetString(), StringComparison.Ordinal));
        Assert.Contains(packages, package => package.Name == "node_modules/amqplib");
    }

    [Fact]
    public void The_example_of_an_announcement_is_one_that_is_read()
    {
        var envelope = JsonDocument.Parse(Assert.Single(MarkdownPage.Blocks("jsonc", Page.Text)), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip }).RootElement;

        Assert.Equal("urn:message:ImagePipeline.Contracts:PhotosReady", Assert.Single(envelope.GetProperty("messageType").EnumerateArray()).GetString());
        var message = envelope.GetProperty("message");
        Assert.Equal(Contracts.Identity.ListingUid(message.GetProperty("feed").GetString()!, message.GetProperty("listingKey").GetString()!), message.GetProperty("listingUid").GetGuid());
        var known = typeof(Contracts.PhotosReady).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name));
        Assert.Empty(message.EnumerateObject().Select(property => property.Name).Except(known));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.PostgreSql)]
    public async Task The_statement_on_the_page_applies_only_a_higher_announcement(DatabaseKind kind)
    {
        var statements = MarkdownPage.Blocks("sql", Page.Text).ToList();
        await using var database = await TestDatabase.CreateAsync(kind, postgres);
        await using var connection = await database.Database.Source.OpenConnectionAsync();
        await ExecuteAsync(connection, statements[0]);

        var changed = new List<int>();
        foreach (var (announcement, photos) in new[] { (5L, "five"), (4L, "four"), (5L, "five again"), (7L, "seven"), (6L, "six") })
            changed.Add(await ExecuteAsync(connection, statements[1], ("listingUid", "L1"), ("announcement", announcement), ("photos", photos)));

        Assert.Equal([1, 0, 0, 1, 0], changed);
        await using var read = connection.CreateCommand();
        read.CommandText = "SELECT photos FROM listing_photos";
        Assert.Equal("seven", await read.ExecuteScalarAsync());
    }

    static async Task<int> ExecuteAsync(DbConnection connection, string statement, params (string Name, object Value)[] values)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ($"@{name}", value);
            command.Parameters.Add(parameter);
        }
        return await command.ExecuteNonQueryAsync();
    }
}
