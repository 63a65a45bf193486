using System.Security.Cryptography;
using ImagePipeline.Storage.Photos;

namespace ImagePipeline.Storage.Tests.Photos;

/// <summary>What every kind of photo store promises. A kind runs it by deriving from it and opening stores.</summary>
public abstract class PhotoStoreConformance
{
    static readonly ObjectFacts Jpeg = new() { ContentType = "image/jpeg" };
    static readonly ObjectFacts Json = new() { ContentType = "application/json" };

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>One more way into the same store, as another process would have it; closed by the kind after the test.</summary>
    protected abstract IPhotoStore Open();

    [Fact]
    public async Task What_is_written_is_read_back()
    {
        var bytes = RandomNumberGenerator.GetBytes(300_000);

        Assert.True(await Open().WriteOnceAsync(Some.Rendition(), bytes, Jpeg, Cancellation));

        Assert.Equal(bytes, await Open().ReadAsync(Some.Rendition(), Cancellation));
    }

    [Fact]
    public async Task An_empty_object_is_an_object()
    {
        await Open().WriteOnceAsync(Some.Rendition(), default, Jpeg, Cancellation);

        Assert.Equal(Array.Empty<byte>(), await Open().ReadAsync(Some.Rendition(), Cancellation));
    }

    [Fact]
    public async Task What_was_never_written_is_not_there()
    {
        var store = Open();
        await store.WriteOnceAsync(Some.Rendition(), new byte[1], Jpeg, Cancellation);
        var folder = Some.Rendition()[..Some.Rendition().LastIndexOf('/')];

        Assert.Null(await store.FindAsync(Some.Original(), Cancellation));
        Assert.Null(await store.ReadAsync(Some.Original(), Cancellation));
        Assert.Null(await store.FindAsync(folder, Cancellation));
        Assert.Null(await store.ReadAsync(folder, Cancellation));
    }

    [Fact]
    public async Task A_record_comes_back_as_it_was()
    {
        var mark = Jpeg with { Record = new string('~', ObjectFacts.MaxRecordBytes - 20) + "  {\"a\": \"\\u00e4\"}" };

        await Open().WriteOnceAsync(Some.Rendition(), new byte[9], mark, Cancellation);

        Assert.Equal(mark with { Bytes = 9 }, await Open().FindAsync(Some.Rendition(), Cancellation));
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("gr\u00fcn")]
    [InlineData(" before")]
    [InlineData("after ")]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_record_that_some_store_could_not_keep_is_refused(string? record)
    {
        var facts = Jpeg with { Record = record ?? new string('x', ObjectFacts.MaxRecordBytes + 1) };

        await Assert.ThrowsAsync<ArgumentException>(() => Open().WriteOnceAsync(Some.Rendition(), new byte[9], facts, Cancellation));

        Assert.Null(await Open().FindAsync(Some.Rendition(), Cancellation));
    }

    [Fact]
    public async Task The_media_type_of_photos_and_manifests_is_known_without_a_record()
    {
        var store = Open();
        await store.WriteOnceAsync(Some.Original(), new byte[] { 0xFF, 0xD8, 0xFF, 0xE0 }, Jpeg, Cancellation);
        await store.WriteOnceAsync(Some.Rendition(), new byte[9], Jpeg, Cancellation);
        await store.WriteOnceAsync(Some.Manifest(), new byte[9], Json, Cancellation);

        Assert.Equal(Jpeg with { Bytes = 4 }, await store.FindAsync(Some.Original(), Cancellation));
        Assert.Equal(Jpeg with { Bytes = 9 }, await store.FindAsync(Some.Rendition(), Cancellation));
        Assert.Equal(Json with { Bytes = 9 }, await store.FindAsync(Some.Manifest(), Cancellation));
    }

    [Fact]
    public async Task What_is_stored_is_not_overwritten()
    {
        var store = Open();
        await store.WriteOnceAsync(Some.Rendition(), new byte[] { 1 }, Jpeg with { Record = "first" }, Cancellation);

        Assert.False(await store.WriteOnceAsync(Some.Rendition(), new byte[] { 2 }, Jpeg with { Record = "second" }, Cancellation));

        Assert.Equal([1], await store.ReadAsync(Some.Rendition(), Cancellation));
        Assert.Equal("first", (await store.FindAsync(Some.Rendition(), Cancellation))!.Record);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_32_writers_one_wins_and_bytes_and_facts_are_both_its_own(bool marks)
    {
        IPhotoStore[] stores = [Open(), Open(), Open(), Open()];
        for (var round = 0; round < 20; round++)
        {
            var key = Some.Rendition($"p{round}");
            using var gate = new Barrier(32);

            var won = await Task.WhenAll(Enumerable.Range(0, 32).Select(writer => Task.Factory.StartNew(
                () =>
                {
                    gate.SignalAndWait(Cancellation);
                    var facts = Jpeg with { Record = marks ? $"writer {writer}" : null };
                    return stores[writer % 4].WriteOnceAsync(key, Some.Bytes(writer), facts, Cancellation);
                },
                Cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));

            var winner = Assert.Single(Enumerable.Range(0, 32), writer => won[writer]);
            Assert.Equal(Some.Bytes(winner), await stores[0].ReadAsync(key, Cancellation));
            Assert.Equal(marks ? $"writer {winner}" : null, (await stores[1].FindAsync(key, Cancellation))!.Record);
        }
    }

    [Fact]
    public async Task A_reader_sees_a_whole_object_or_none_while_it_is_written_replaced_and_deleted()
    {
        var (writers, reader) = (new[] { Open(), Open() }, Open());
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var writing = Task.WhenAll(writers.Select((store, writer) => Task.Run(async () =>
        {
            for (var n = 0; n < 150; n++)
            {
                await store.ReplaceAsync(Some.Manifest(), Some.Bytes(n + writer), Json, Cancellation);
                await store.WriteOnceAsync(Some.Rendition(), Some.Bytes(n + writer), Jpeg with { Record = "mark" }, Cancellation);
                if (n % 3 == writer)
                    await store.DeleteAsync(Some.Rendition(), Cancellation);
            }
        }, Cancellation)));

        var seen = 0;
        bool isLast;
        do
        {
            // Once more when all is written, so that however late this begins there is something to see.
            isLast = writing.IsCompleted;
            foreach (var key in new[] { Some.Manifest(), Some.Rendition() })
            {
                if (await reader.ReadAsync(key, Cancellation) is not { } bytes)
                    continue;
                seen++;
                Assert.Equal(Some.Bytes(bytes[0]), bytes);
            }
        }
        while (!isLast);
        await writing;

        Assert.True(seen > 0);
    }

    [Fact]
    public async Task Neighbours_that_are_deleted_do_not_disturb_a_writer()
    {
        IPhotoStore[] stores = [Open(), Open(), Open()];

        // All in one folder, which is removed each time its last object goes.
        await Task.WhenAll(stores.Select((store, writer) => Task.Run(async () =>
        {
            for (var n = 0; n < 200; n++)
            {
                var key = StoreKeys.Original("feed", "listing", "photo", $"v{writer}");
                Assert.True(await store.WriteOnceAsync(key, new byte[10], Jpeg with { Record = n % 2 == 0 ? "mark" : null }, Cancellation));
                await store.DeleteAsync(key, Cancellation);
            }
        }, Cancellation)));

        Assert.Empty(await KeysAsync(stores[0], ""));
    }

    [Fact]
    public async Task Replacing_leaves_the_last_object()
    {
        var store = Open();
        await store.ReplaceAsync(Some.Manifest(), Some.Bytes(200), Json, Cancellation);
        await store.ReplaceAsync(Some.Manifest(), new byte[] { 2 }, Json, Cancellation);

        Assert.Equal([2], await Open().ReadAsync(Some.Manifest(), Cancellation));
        Assert.Equal(Json with { Bytes = 1 }, await Open().FindAsync(Some.Manifest(), Cancellation));
    }

    [Fact]
    public async Task An_object_with_a_record_is_not_put_in_place_of_another() =>
        await Assert.ThrowsAsync<ArgumentException>(
            () => Open().ReplaceAsync(Some.Manifest(), new byte[1], Json with { Record = "mark" }, Cancellation));

    [Fact]
    public async Task A_deleted_object_is_gone_with_its_facts_and_can_be_written_again()
    {
        var store = Open();
        await store.WriteOnceAsync(Some.Rendition(), new byte[] { 1 }, Jpeg with { Record = "first" }, Cancellation);

        await store.DeleteAsync(Some.Rendition(), Cancellation);

        Assert.Null(await store.FindAsync(Some.Rendition(), Cancellation));
        Assert.Null(await store.ReadAsync(Some.Rendition(), Cancellation));
        Assert.True(await store.WriteOnceAsync(Some.Rendition(), new byte[] { 2 }, Jpeg, Cancellation));
        Assert.Equal(Jpeg with { Bytes = 1 }, await store.FindAsync(Some.Rendition(), Cancellation));
    }

    [Fact]
    public async Task Deleting_what_is_not_there_changes_nothing()
    {
        var store = Open();
        await store.WriteOnceAsync(Some.Original(), new byte[1], Jpeg, Cancellation);

        await store.DeleteAsync(Some.Rendition(), Cancellation);

        Assert.Equal([Some.Original()], await KeysAsync(store, ""));
    }

    [Fact]
    public async Task A_list_holds_the_keys_under_its_prefix_and_no_others()
    {
        var store = Open();
        string[] mine =
        [
            StoreKeys.Original("feed", "L1", "p", "v"),
            StoreKeys.Original("feed", "L1", "urn:p/2", "v"),
            StoreKeys.Original("feed", "L1", "p", "v2"),
        ];
        foreach (var key in mine)
            await store.WriteOnceAsync(key, new byte[1], Jpeg with { Record = "mark" }, Cancellation);
        await store.WriteOnceAsync(StoreKeys.Original("feed", "L11", "p", "v"), new byte[1], Jpeg, Cancellation);
        await store.WriteOnceAsync(StoreKeys.Manifest("feed", "L1", 1), new byte[1], Json, Cancellation);

        Assert.Equal(mine.Order(), (await KeysAsync(store, StoreKeys.OriginalsOf("feed", "L1"))).Order());
        Assert.Equal(5, (await KeysAsync(store, "")).Count);
        Assert.Empty(await KeysAsync(store, StoreKeys.OriginalsOf("feed", "L2")));
    }

    [Theory]
    [InlineData("originals")]
    [InlineData("/")]
    [InlineData("../")]
    public async Task A_prefix_that_is_not_a_whole_number_of_parts_is_refused(string prefix) =>
        await Assert.ThrowsAsync<ArgumentException>(() => KeysAsync(Open(), prefix));

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("../outside")]
    [InlineData("originals/../../outside")]
    [InlineData("originals/./x")]
    [InlineData("originals//x")]
    [InlineData("originals/x/")]
    [InlineData(".tmp/x")]
    [InlineData("originals/.x.meta")]
    [InlineData("originals/a\0b")]
    [InlineData("originals/a\\b")]
    [InlineData("C:/x")]
    [InlineData("originals/\u00e9")]
    public async Task What_StoreKeys_would_never_make_is_refused(string key)
    {
        var store = Open();

        await Assert.ThrowsAsync<ArgumentException>(() => store.FindAsync(key, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => store.ReadAsync(key, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => store.WriteOnceAsync(key, new byte[1], Jpeg, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => store.ReplaceAsync(key, new byte[1], Jpeg, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => store.DeleteAsync(key, Cancellation));
    }

    [Fact]
    public async Task The_longest_key_there_can_be_is_kept()
    {
        var far = new string('\u00fc', 5_000);
        var key = StoreKeys.Rendition(new string('f', 50), far, far, far, "profile-0123456789abcdef", "w1600", "jpg");

        await Open().WriteOnceAsync(key, new byte[] { 7 }, Jpeg with { Record = "mark" }, Cancellation);

        Assert.True(key.Length <= 1_024, "Amazon S3 takes no longer key");
        Assert.Equal([7], await Open().ReadAsync(key, Cancellation));
        Assert.Equal("mark", (await Open().FindAsync(key, Cancellation))!.Record);
    }

    [Fact]
    public async Task A_store_that_works_passes_its_check_and_is_left_as_it_was()
    {
        var store = Open();

        await store.CheckAsync(Cancellation);

        Assert.Empty(await KeysAsync(store, ""));
    }

    static async Task<List<string>> KeysAsync(IPhotoStore store, string prefix)
    {
        var keys = new List<string>();
        await foreach (var key in store.ListAsync(prefix, Cancellation))
            keys.Add(key);
        return keys;
    }
}
