using System.Collections.Concurrent;
using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;

namespace ImagePipeline.Storage.Tests.Photos;

public sealed class FilePhotoStoreTests : PhotoStoreConformance, IDisposable
{
    static readonly ObjectFacts Mark = new() { ContentType = "image/jpeg", Record = "mark" };
    static readonly ObjectFacts Plain = new() { ContentType = "image/jpeg" };

    readonly TempFolder _folder = new();
    readonly List<FilePhotoStore> _opened = [];

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _opened.ForEach(store => store.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public async Task Only_an_object_with_a_record_has_a_file_beside_it()
    {
        var store = Open();
        await store.WriteOnceAsync("a/mark.jpg", new byte[1], Mark, Cancellation);
        await store.WriteOnceAsync("a/plain.jpg", new byte[1], Plain, Cancellation);

        Assert.Equal([".mark.jpg.meta", "mark.jpg", "plain.jpg"], Files("a"));
    }

    [Fact]
    public async Task Deleting_removes_the_folders_that_it_empties_and_no_others()
    {
        var store = Open();
        await store.WriteOnceAsync("a/b/c/mark.jpg", new byte[1], Mark, Cancellation);
        await store.WriteOnceAsync("a/kept.jpg", new byte[1], Plain, Cancellation);

        await store.DeleteAsync("a/b/c/mark.jpg", Cancellation);

        Assert.Equal(["kept.jpg"], Directory.EnumerateFileSystemEntries(_folder["a"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_process_that_only_reads_makes_nothing()
    {
        var store = new FilePhotoStore(_folder["photos"]);
        _opened.Add(store);

        await store.FindAsync("a/b", Cancellation);
        await foreach (var _ in store.ListAsync("", Cancellation))
            Assert.Fail("There is nothing to list.");

        Assert.False(Directory.Exists(_folder["photos"]));
    }

    [Fact]
    public async Task A_store_whose_folder_was_away_goes_on_when_it_is_back()
    {
        var store = new FilePhotoStore(_folder["photos"]);
        _opened.Add(store);
        await store.WriteOnceAsync("a/1", new byte[1], Mark, Cancellation);
        Directory.Move(_folder["photos"], _folder["away"]);

        await Assert.ThrowsAnyAsync<IOException>(() => store.WriteOnceAsync("a/2", new byte[1], Mark, Cancellation));
        await Assert.ThrowsAnyAsync<IOException>(() => store.FindAsync("a/1", Cancellation));
        await Assert.ThrowsAnyAsync<IOException>(() => store.ReadAsync("a/1", Cancellation));
        await Assert.ThrowsAnyAsync<IOException>(() => store.DeleteAsync("a/1", Cancellation));
        await Assert.ThrowsAsync<StoreUnusableException>(() => store.CheckAsync(Cancellation));
        Assert.False(Directory.Exists(_folder["photos"]));
        Directory.Move(_folder["away"], _folder["photos"]);

        Assert.NotNull(await store.FindAsync("a/1", Cancellation));
        Assert.True(await store.WriteOnceAsync("a/2", new byte[1], Mark, Cancellation));
    }

    [Fact]
    public async Task Nothing_is_written_to_the_empty_folder_that_a_mount_leaves_behind()
    {
        var store = new FilePhotoStore(_folder["photos"]);
        _opened.Add(store);
        await store.WriteOnceAsync("a/1", new byte[1], Plain, Cancellation);
        Directory.Move(_folder["photos"], _folder["away"]);
        Directory.CreateDirectory(_folder["photos"]);

        await Assert.ThrowsAnyAsync<IOException>(() => store.WriteOnceAsync("a/2", new byte[1], Plain, Cancellation));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["photos"]));
    }

    [Fact]
    public async Task Another_store_in_its_place_is_not_taken_for_it()
    {
        var store = new FilePhotoStore(_folder["photos"]);
        _opened.Add(store);
        await store.WriteOnceAsync("a/1", new byte[1], Plain, Cancellation);
        Directory.Move(_folder["photos"], _folder["away"]);
        using (var other = new FilePhotoStore(_folder["photos"]))
            await other.WriteOnceAsync("b/1", new byte[1], Plain, Cancellation);

        await Assert.ThrowsAnyAsync<IOException>(() => store.FindAsync("a/1", Cancellation));
        await Assert.ThrowsAnyAsync<IOException>(() => store.WriteOnceAsync("a/2", new byte[1], Plain, Cancellation));
    }

    [Fact]
    public async Task A_store_that_goes_away_under_load_is_not_made_anew()
    {
        var store = new FilePhotoStore(_folder["photos"]);
        _opened.Add(store);
        await store.WriteOnceAsync("a/0", new byte[1], Plain, Cancellation);
        var written = new ConcurrentBag<int>();
        var writing = Enumerable.Range(1, 8).Select(writer => Task.Run(async () =>
        {
            for (var n = 0; n < 500; n++)
            {
                try
                {
                    if (await store.WriteOnceAsync($"w{writer}/{n}/mark", new byte[1], Mark, Cancellation))
                        written.Add(writer * 10_000 + n);
                }
                catch (IOException)
                {
                }
            }
        })).ToList();
        for (var times = 0; times < 5; times++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
            _folder.TakeAway("photos", leaveFile: false);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
            _folder.GiveBack("photos");
        }
        await Task.WhenAll(writing);

        foreach (var one in written)
            Assert.NotNull(await store.FindAsync($"w{one / 10_000}/{one % 10_000}/mark", Cancellation));
    }

    [Fact]
    public async Task A_store_whose_temporary_files_were_cleared_away_goes_on()
    {
        var store = new FilePhotoStore(_folder["photos"]);
        _opened.Add(store);
        await store.WriteOnceAsync("a/1", new byte[1], Mark, Cancellation);

        Directory.Delete(_folder["photos/.tmp"], recursive: true);

        Assert.True(await store.WriteOnceAsync("a/2", new byte[1], Mark, Cancellation));
        Assert.Null(await store.FindAsync("a/3", Cancellation));
    }

    [Fact]
    public async Task Closing_leaves_no_temporary_file()
    {
        using (var store = new FilePhotoStore(_folder.Path))
            await store.WriteOnceAsync("a/mark.jpg", new byte[1], Mark, Cancellation);

        Assert.Equal([_folder[".tmp/writers/start.lock"]], Directory.EnumerateFileSystemEntries(_folder[".tmp/writers"]));
    }

    [Fact]
    public async Task A_start_clears_away_what_the_dead_left_and_leaves_the_living_alone()
    {
        var living = Open();
        await living.WriteOnceAsync("a/living.jpg", new byte[1], Mark, Cancellation);
        var alive = Directory.EnumerateDirectories(_folder[".tmp/writers"]).Single();
        var dead = Directory.CreateDirectory(_folder[".tmp/writers/dead"]).FullName;
        await File.WriteAllTextAsync(Path.Combine(dead, "1"), "half an obj", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(dead, "2.key"), "b/torn.jpg", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(dead, "3.key"), "a/living.jpg", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(dead, "4.key"), "../outs", Cancellation);
        Directory.CreateDirectory(_folder["b"]);
        await File.WriteAllTextAsync(_folder["b/.torn.jpg.meta"], "{}", Cancellation);

        await Open().CheckAsync(Cancellation);

        Assert.False(Directory.Exists(dead));
        Assert.False(Directory.Exists(_folder["b"]));
        Assert.True(Directory.Exists(alive));
        Assert.Equal([".living.jpg.meta", "living.jpg"], Files("a"));
        Assert.True(await living.WriteOnceAsync("a/next.jpg", new byte[1], Mark, Cancellation));
    }

    [Fact]
    public async Task Facts_of_a_writer_that_died_do_not_show_before_its_object_and_are_replaced()
    {
        Directory.CreateDirectory(_folder["a"]);
        await File.WriteAllTextAsync(_folder["a/.mark.jpg.meta"], """{"ContentType":"image/png","Record":"dead"}""", Cancellation);
        var store = Open();

        Assert.Null(await store.FindAsync("a/mark.jpg", Cancellation));

        await store.WriteOnceAsync("a/mark.jpg", new byte[1], Mark, Cancellation);
        Assert.Equal(Mark with { Bytes = 1 }, await store.FindAsync("a/mark.jpg", Cancellation));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xD8, 0xFF, 0xDB }, "image/jpeg")]
    [InlineData(new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A }, "image/png")]
    [InlineData(new byte[] { 0x52, 0x49, 0x46, 0x46, 1, 2, 3, 4, 0x57, 0x45, 0x42, 0x50, 9 }, "image/webp")]
    [InlineData(new byte[] { 1, 2 }, "application/octet-stream")]
    [InlineData(new byte[0], "application/octet-stream")]
    public async Task The_type_of_an_original_is_told_from_its_first_bytes(byte[] bytes, string type)
    {
        await Open().WriteOnceAsync(Some.Original(), bytes, Plain, Cancellation);

        Assert.Equal(type, (await Open().FindAsync(Some.Original(), Cancellation))!.ContentType);
    }

    [Fact]
    public async Task Writing_through_to_the_disk_stores_the_same()
    {
        using var store = new FilePhotoStore(_folder.Path, fsync: true);

        Assert.True(await store.WriteOnceAsync("a/b/mark.jpg", new byte[] { 1 }, Mark, Cancellation));
        Assert.False(await store.WriteOnceAsync("a/b/mark.jpg", new byte[] { 2 }, Mark, Cancellation));

        Assert.Equal([1], await store.ReadAsync("a/b/mark.jpg", Cancellation));
        Assert.Equal(Mark with { Bytes = 1 }, await store.FindAsync("a/b/mark.jpg", Cancellation));
    }

    [Theory]
    [InlineData("file", "file is a file, not a folder")]
    [InlineData("file/below", "file is a file, not a folder")]
    public async Task A_store_that_is_a_file_is_refused_in_a_sentence(string path, string cause)
    {
        await File.WriteAllTextAsync(_folder["file"], "", Cancellation);
        using var store = new FilePhotoStore(_folder[path]);

        var refused = await Assert.ThrowsAsync<StoreUnusableException>(() => store.CheckAsync(Cancellation));

        Assert.Equal(
            $"The photo store {_folder[path]} (setting Store:Url, environment variable Store__Url) cannot be used: {_folder.Path}/{cause}.",
            refused.Message);
    }

    [Fact]
    public async Task A_place_where_nobody_may_write_is_refused_in_a_sentence()
    {
        // Not even root may make folders here, neither on Linux nor on macOS.
        using var store = new FilePhotoStore("/sys/photos");

        var refused = await Assert.ThrowsAsync<StoreUnusableException>(() => store.CheckAsync(Cancellation));

        Assert.StartsWith("The photo store /sys/photos (setting Store:Url, environment variable Store__Url) cannot be used: ", refused.Message);
    }

    protected override IPhotoStore Open()
    {
        var store = new FilePhotoStore(_folder.Path);
        _opened.Add(store);
        return store;
    }

    IEnumerable<string?> Files(string folder) => Directory.EnumerateFiles(_folder[folder]).Select(Path.GetFileName).Order(StringComparer.Ordinal);
}
