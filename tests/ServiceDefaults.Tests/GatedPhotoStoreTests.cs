using ImagePipeline.Storage.Photos;
using ImagePipeline.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.ServiceDefaults.Tests;

public sealed class GatedPhotoStoreTests : IDisposable
{
    static readonly ObjectFacts Plain = new() { ContentType = "image/jpeg" };

    readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    readonly TempFolder _folder = new();
    readonly Gates _gates;
    readonly GatedPhotoStore _store;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public GatedPhotoStoreTests()
    {
        _gates = new Gates(Options.Create(new GateOptions()), _time, () => 0.5, metrics: null, NullLogger<Gates>.Instance);
        _store = new GatedPhotoStore(new FilePhotoStore(_folder["store"]), _gates);
    }

    public void Dispose()
    {
        _store.Dispose();
        _gates.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_cannot_be_stored_waits_with_its_bytes_until_the_store_is_back()
    {
        await BreakAsync();

        var writing = WriteAsync("a/1");
        await ClosedAsync();
        Assert.Equal(
            $"The photo store {_folder["store"]} (setting Store:Url, environment variable Store__Url) cannot be used: {_folder["store"]} is empty or no folder any more.",
            Assert.Single(_gates.Closed).Why);
        Mend();
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await writing);
        Assert.Equal([7], await _store.ReadAsync("a/1", Cancellation));
        Assert.Empty(_gates.Closed);
    }

    [Fact]
    public async Task What_is_wrong_with_one_object_is_thrown_and_closes_nothing()
    {
        await WriteAsync("a");

        await Assert.ThrowsAnyAsync<IOException>(() => WriteAsync("a/1"));

        Assert.Empty(_gates.Closed);
    }

    [Fact]
    public async Task A_photo_with_trouble_of_its_own_does_not_keep_the_gate_closed()
    {
        await WriteAsync("a");
        _gates.Close(Gates.Store, TimeSpan.FromSeconds(1), "Gone.");
        var writing = WriteAsync("a/1");
        var other = WriteAsync("b/1");

        _time.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAnyAsync<IOException>(() => writing);
        Assert.True(await other);
    }

    [Fact]
    public async Task A_read_that_passes_as_the_probe_leaves_it_to_a_write_to_open_the_gate()
    {
        _gates.Close(Gates.Store, TimeSpan.FromSeconds(1), "Read-only.");
        var reading = _store.ReadAsync("a/1", Cancellation);
        var writing = WriteAsync("a/1");
        var again = _store.ReadAsync("a/1", Cancellation);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await reading);
        Assert.True(await writing);
        Assert.NotNull(await again);
        Assert.Empty(_gates.Closed);
    }

    [Fact]
    public async Task Many_that_fail_at_once_close_the_gate_once_and_one_at_a_time_tries_again()
    {
        await BreakAsync();
        var writing = Enumerable.Range(0, 100).Select(n => WriteAsync($"a/{n}")).ToList();
        await ClosedAsync();

        for (var pause = TimeSpan.FromSeconds(1); pause < TimeSpan.FromSeconds(10); pause *= 2)
        {
            var until = Assert.Single(_gates.Closed).Until;
            Assert.Equal(_time.GetUtcNow() + pause, until);
            _time.Advance(pause);
            while (_gates.Closed[0].Until == until)
                await Task.Yield();
        }
        Mend();
        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.All(await Task.WhenAll(writing), Assert.True);
    }

    Task<bool> WriteAsync(string key) => _store.WriteOnceAsync(key, new byte[] { 7 }, Plain, Cancellation);

    // Used once, so that it knows itself, then a file where its folder was.
    async Task BreakAsync()
    {
        await WriteAsync("before");
        Directory.Move(_folder["store"], _folder["away"]);
        await File.WriteAllTextAsync(_folder["store"], "not a folder", Cancellation);
    }

    void Mend()
    {
        File.Delete(_folder["store"]);
        Directory.Move(_folder["away"], _folder["store"]);
    }

    async Task ClosedAsync()
    {
        while (_gates.Closed.Count == 0)
            await Task.Yield();
    }
}
