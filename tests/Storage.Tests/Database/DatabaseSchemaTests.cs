using Dapper;
using ImagePipeline.Storage.Database;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Storage.Tests.Database;

public sealed class DatabaseSchemaTests(PostgresServer postgres)
{
    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.PostgreSql)]
    public async Task An_upgraded_database_is_upgraded_again_without_a_change(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind, postgres);

        await DatabaseSchema.UpgradeAsync(database.Database, default);

        Assert.Equal(0, await DatabaseSchema.CheckAsync(database.Database, default));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.PostgreSql)]
    public async Task Many_processes_may_upgrade_at_once(DatabaseKind kind)
    {
        using var folder = new TempFolder();
        var connectionString = kind == DatabaseKind.Sqlite ? $"Data Source={folder["new.db"]}" : await postgres.CreateDatabaseAsync();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            await using var database = PipelineDatabase.Open(connectionString);
            await DatabaseSchema.UpgradeAsync(database, default);
        })));

        await using var upgraded = PipelineDatabase.Open(connectionString);
        Assert.Equal(0, await DatabaseSchema.CheckAsync(upgraded, default));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite, "SchemaVersions")]
    [InlineData(DatabaseKind.PostgreSql, "schema_version")]
    public async Task A_database_of_a_newer_version_is_refused_in_one_sentence(DatabaseKind kind, string journal)
    {
        await using var database = await TestDatabase.CreateAsync(kind, postgres);
        await using (var connection = await database.Database.Source.OpenConnectionAsync())
            await connection.ExecuteAsync(
                $"INSERT INTO {journal} (scriptname, applied) VALUES ('9999-from-the-future.sql', @now)", new { now = DateTime.UnixEpoch });

        var refused = await Assert.ThrowsAsync<DatabaseUnusableException>(() => DatabaseSchema.UpgradeAsync(database.Database, default));

        Assert.Contains("newer version of ImagePipeline", refused.Message, StringComparison.Ordinal);
        Assert.Contains("9999-from-the-future.sql", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_as_it_is()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["notes.txt"], new string('x', 4_096));
        await using var database = PipelineDatabase.Open($"Data Source={folder["notes.txt"]}");

        var refused = await Assert.ThrowsAsync<DatabaseUnusableException>(() => DatabaseSchema.UpgradeAsync(database, default));

        Assert.Contains("notes.txt", refused.Message, StringComparison.Ordinal);
        Assert.Equal(new string('x', 4_096), await File.ReadAllTextAsync(folder["notes.txt"]));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("Color=blue")]
    [InlineData("Data Source=a.db;Nonsense=1")]
    public void A_connection_string_that_is_neither_is_refused_naming_the_setting(string connectionString)
    {
        var refused = Assert.Throws<DatabaseUnusableException>(() => PipelineDatabase.Open(connectionString));

        Assert.Contains("Database__ConnectionString", refused.Message, StringComparison.Ordinal);
    }
}
