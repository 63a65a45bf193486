using System.Text.Json;
using ImagePipeline.Contracts;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;
using Microsoft.Data.Sqlite;
using NetVips;

namespace ImagePipeline.Pipeline.Tests;

public sealed class BadInputTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly Imagepipe _imagepipe;
    readonly PhotoServer _photos = new();

    public BadInputTests() => _imagepipe = new Imagepipe(_folder);

    public void Dispose()
    {
        _photos.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_feed_file_that_is_not_there()
    {
        var ended = await _imagepipe.RunAsync("--feed", "nowhere.json");

        AssertRefused(ended, 2, "nowhere.json");
        Assert.Equal([], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Broken_JSON_fails_its_feed_and_no_other()
    {
        WritePage("good.json", Property("L1", Photo("a", "/a.jpg")));
        await File.WriteAllTextAsync(_folder["broken.json"], """{ "value": [ { "ListingKey": "L2", """);

        var ended = await _imagepipe.RunAsync("--feed", _folder["broken.json"], "--feed", _folder["good.json"]);

        AssertRefused(ended, 1, "broken");
        Assert.Equal(1, _imagepipe.Photos("stored"));
    }

    [Fact]
    public async Task A_record_without_ListingKey_is_refused_and_the_rest_is_read()
    {
        WritePage("page.json", """{ "ListingId": "X9", "Media": [] }""", Property("L1", Photo("a", "/a.jpg")));

        var ended = await _imagepipe.RunAsync("--feed", _folder["page.json"]);

        AssertRefused(ended, 1, "ListingKey");
        Assert.Equal(1, _imagepipe.Summary.GetProperty("records").GetProperty("refused").GetInt32());
        Assert.Equal(1, _imagepipe.Photos("stored"));
    }

    [Fact]
    public async Task An_unknown_setting_is_named_with_what_is_accepted()
    {
        WritePage("page.json", Property("L1"));
        _imagepipe.Environment["PhotoWorker__Fetching__MaxBites"] = "1";

        var ended = await _imagepipe.RunAsync("--feed", _folder["page.json"]);

        AssertRefused(ended, 2, "PhotoWorker__Fetching__MaxBites");
        Assert.Contains("MaxBytes", ended.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["s.db"]));
    }

    [Fact]
    public async Task A_setting_out_of_range_is_named_with_its_range()
    {
        WritePage("page.json", Property("L1"));
        _imagepipe.Environment["PhotoWorker__Fetching__DownloadConcurrency"] = "0";

        AssertRefused(await _imagepipe.RunAsync("--feed", _folder["page.json"]), 2, "1 to 4096");
    }

    [Fact]
    public async Task An_unknown_option_is_refused() => AssertRefused(await _imagepipe.RunAsync("--fede", "x"), 2, "--fede");

    [Fact]
    public async Task A_store_that_cannot_be_written()
    {
        WritePage("page.json", Property("L1"));
        await File.WriteAllTextAsync(_folder["store"], "a file where the folder should be");

        AssertRefused(await _imagepipe.RunAsync("--feed", _folder["page.json"]), 2, "store");
        Assert.False(File.Exists(_folder["s.db"]));
    }

    [Fact]
    public async Task A_database_of_a_newer_version()
    {
        WritePage("page.json", Property("L1"));
        await _imagepipe.RunAsync("--feed", _folder["page.json"]);
        await using (var connection = new SqliteConnection($"Data Source={_folder["s.db"]};Pooling=False"))
        {
            connection.Open();
            using var insert = connection.CreateCommand();
            insert.CommandText = "INSERT INTO SchemaVersions (ScriptName, Applied) VALUES ('9999-later.sql', '2030-01-01')";
            insert.ExecuteNonQuery();
        }

        AssertRefused(await _imagepipe.RunAsync("--feed", _folder["page.json"]), 2, "newer version");
    }

    [Fact]
    public async Task A_state_that_is_no_database()
    {
        WritePage("page.json", Property("L1"));
        await File.WriteAllTextAsync(_folder["s.db"], new string('x', 5_000));

        AssertRefused(await _imagepipe.RunAsync("--feed", _folder["page.json"]), 2, "s.db");
    }

    [Fact]
    public async Task A_state_that_belongs_to_another_program()
    {
        WritePage("page.json", Property("L1"));
        await using (var connection = new SqliteConnection($"Data Source={_folder["s.db"]};Pooling=False"))
        {
            connection.Open();
            using var create = connection.CreateCommand();
            create.CommandText = "CREATE TABLE users (id INTEGER)";
            create.ExecuteNonQuery();
        }

        AssertRefused(await _imagepipe.RunAsync("--feed", _folder["page.json"]), 2, "users");
    }

    [Fact]
    public async Task A_summary_that_cannot_be_written()
    {
        WritePage("page.json", Property("L1"));

        AssertRefused(await _imagepipe.CommandAsync("run", "--feed", _folder["page.json"], "--state", _folder["s.db"], "--summary", _folder.Path), 2, "cannot be written");
        Assert.False(File.Exists(_folder["s.db"]));
    }

    [Theory]
    [InlineData("http://127.0.0.1")]
    [InlineData("")]
    public async Task A_host_to_allow_that_is_no_host(string host)
    {
        WritePage("page.json", Property("L1"));

        AssertRefused(await _imagepipe.RunAsync("--feed", _folder["page.json"], "--allow-host", host), 2, "--allow-host");
    }

    [Fact]
    public async Task A_header_that_would_break_out_of_its_line_is_refused_without_being_repeated()
    {
        WritePage("page.json", Property("L1"));
        await File.WriteAllTextAsync(
            _folder["feeds.json"],
            JsonSerializer.Serialize(new { Feeds = new { a = new { Source = _folder["page.json"], MediaHeaders = new Dictionary<string, string> { ["X"] = "s3cret\r\nY: z" } } } }));

        var ended = await _imagepipe.RunAsync("--feeds", _folder["feeds.json"]);

        AssertRefused(ended, 2, "\"X\"");
        Assert.DoesNotContain("s3cret", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_cannot_announce_says_so_once_and_ends()
    {
        WritePage("page.json", Property("L1", Photo("a", "/a.jpg")), Property("L2", Photo("b", "/a.jpg")));
        Directory.CreateDirectory(_imagepipe.Store);
        await File.WriteAllTextAsync(Path.Combine(_imagepipe.Store, "manifests"), "a file where a folder should be");
        _imagepipe.Environment["Run__GiveUpAfter"] = "00:00:10";

        var ended = await _imagepipe.RunAsync("--feed", _folder["page.json"]);

        AssertRefused(ended, 1, "Nothing has moved");
        Assert.Equal(2, ended.Error.Split("cannot be announced").Length);
    }

    [Fact]
    public async Task A_photo_that_is_bad_is_rejected_by_type_and_the_others_are_stored()
    {
        _photos.Serve("/page", "text/html", "<!DOCTYPE html><html><body>Coming soon</body></html>"u8.ToArray());
        _photos.Serve("/bomb.png", "image/png", PngBomb());
        _photos.Serve("/empty.jpg", "image/jpeg", []);
        _photos.Serve("/cut.jpg", "image/jpeg", PhotoServer.Jpeg[..(PhotoServer.Jpeg.Length / 2)]);
        WritePage("page.json", Property(
            "L1",
            Photo("good", "/a.jpg"),
            Photo("html", "/page"),
            Photo("bomb", "/bomb.png"),
            Photo("empty", "/empty.jpg"),
            Photo("cut", "/cut.jpg"),
            Photo("bad-url", "not a url", absolute: true),
            Photo("ftp", "ftp://127.0.0.1/a.jpg", absolute: true),
            Photo("metadata", "http://169.254.169.254/latest/meta-data", absolute: true),
            Photo("gone", "/nowhere.jpg")));

        var ended = await _imagepipe.RunAsync("--feed", _folder["page.json"]);

        // Rejected photos are outcomes: the run is done.
        Assert.True(ended.ExitCode == 0, ended.Said);
        var ready = JsonSerializer.Deserialize<PhotosReady>(
            await File.ReadAllTextAsync(Path.Combine(_imagepipe.Store, "manifests", "page", "L1", "latest.json")), JsonSerializerOptions.Web)!;
        Assert.Equal(["good"], ready.Photos.Select(p => p.MediaKey));
        Assert.Equal(
            [
                ("html", PhotoRejection.NotAnImage), ("bomb", PhotoRejection.TooManyPixels), ("empty", PhotoRejection.Empty),
                ("cut", PhotoRejection.Truncated), ("bad-url", PhotoRejection.InvalidUrl), ("ftp", PhotoRejection.InvalidUrl),
                ("metadata", PhotoRejection.AddressRefused), ("gone", PhotoRejection.Gone),
            ],
            ready.Missing.Select(m => (m.MediaKey, m.Rejection!.Value)));
        Assert.Single(_imagepipe.Objects("originals"));
    }

    [Fact]
    public async Task A_private_address_is_refused_unless_it_is_allowed()
    {
        WritePage("page.json", Property("L1", Photo("a", "/a.jpg")));

        var ended = await _imagepipe.CommandAsync(
            "run", "--feed", _folder["page.json"], "--store", $"file:{_imagepipe.Store}", "--state", _folder["s.db"], "--summary", _folder["s.json"]);

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Equal(1, _imagepipe.Summary.GetProperty("rejectedByReason").GetProperty("AddressRefused").GetInt32());
    }

    [Fact]
    public async Task Doctor_tells_what_is_wrong_one_line_each()
    {
        await File.WriteAllTextAsync(_folder["store"], "a file where the folder should be");

        var ended = await _imagepipe.CommandAsync("doctor", "--store", $"file:{_imagepipe.Store}", "--state", _folder["s.db"]);

        Assert.Equal(1, ended.ExitCode);
        Assert.Equal(["ok", "ok", "ok", "FAILED", "ok"], ended.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')[0]));
    }

    static void AssertRefused(Ended ended, int exitCode, string named)
    {
        Assert.True(ended.ExitCode == exitCode, ended.Said);
        Assert.DoesNotContain("R-FAULT", ended.Error, StringComparison.Ordinal);
        Assert.Contains(named, ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
    }

    void WritePage(string file, params string[] properties) =>
        File.WriteAllText(_folder[file], $$"""{ "value": [ {{string.Join(", ", properties)}} ] }""");

    static string Property(string key, params string[] media) => $$"""
        { "ListingKey": "{{key}}", "ModificationTimestamp": "2026-06-01T12:00:00Z", "MlgCanView": true, "Media": [ {{string.Join(", ", media)}} ] }
        """;

    string Photo(string key, string url, bool absolute = false) => $$"""
        { "MediaKey": "{{key}}", "MediaURL": "{{(absolute ? url : _photos.Address + url)}}", "MediaModificationTimestamp": "2026-06-01T12:00:00Z" }
        """;

    // 400 million pixels of one color: some 60 KB as a file.
    static byte[] PngBomb()
    {
        using var black = Image.Black(20_000, 20_000);
        return black.PngsaveBuffer(compression: 1, bitdepth: 1);
    }
}
