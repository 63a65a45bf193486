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
            $"The photo store {_folder["store"]} (setting Store:Url, environment variable Store__Url) cannot be used: what is at {_folder["store"]} now is not the store that was there before.",
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

    [Fact]
    public async Task A_refusal_of_one_object_is_thrown_when_the_store_is_well_otherwise()
    {
        using var store = new GatedPhotoStore(new RefusingStore { IsWell = true }, _gates);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => store.WriteOnceAsync("a/1", new byte[1], Plain, Cancellation));

        Assert.Empty(_gates.Closed);
    }

    [Fact]
    public async Task What_failed_just_before_the_store_was_back_is_tried_again_and_not_thrown()
    {
        var returning = new ReturningStore(isWell: [true]) { FailingWrites = 1 };
        using var store = new GatedPhotoStore(returning, _gates);

        Assert.True(await store.WriteOnceAsync("a/1", new byte[1], Plain, Cancellation));

        Assert.Equal(2, returning.Writes);
        Assert.Empty(_gates.Closed);
    }

    [Fact]
    public async Task What_failed_as_the_probe_just_before_the_store_was_back_is_tried_again_and_not_thrown()
    {
        var returning = new ReturningStore(isWell: [true, false, true]) { FailingWrites = 3 };
        using var store = new GatedPhotoStore(returning, _gates);

        var writing = store.WriteOnceAsync("a/1", new byte[1], Plain, Cancellation);
        await ClosedAsync();
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await writing);
        Assert.Equal(4, returning.Writes);
        Assert.Empty(_gates.Closed);
    }

    [Fact]
    public async Task Many_that_are_refused_at_once_look_at_the_store_once_and_wait()
    {
        var refusing = new RefusingStore();
        using var store = new GatedPhotoStore(refusing, _gates);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var writing = Enumerable.Range(0, 100).Select(n => store.WriteOnceAsync($"a/{n}", new byte[1], Plain, over.Token)).ToList();
        refusing.Looking.SetResult();
        await ClosedAsync();
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(1, refusing.Looks);
        Assert.Equal("The credentials have expired.", Assert.Single(_gates.Closed).Why);
        Assert.DoesNotContain(writing, w => w.IsCompleted);
        await over.CancelAsync();
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

    Task ClosedAsync() => Eventually.IsSoAsync(() => _gates.Closed.Count > 0);

    // Fails so many writes; its checks say in turn whether it is well.
    sealed class ReturningStore(bool[] isWell) : IPhotoStore
    {
        readonly Queue<bool> _isWell = new(isWell);

        public int FailingWrites { get; init; }

        public int Writes { get; private set; }

        public Task<bool> WriteOnceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation) =>
            ++Writes <= FailingWrites ? Task.FromException<bool>(new IOException("The connection was reset.")) : Task.FromResult(true);

        public Task CheckAsync(CancellationToken cancellation) =>
            _isWell.Dequeue() ? Task.CompletedTask : Task.FromException(new StoreUnusableException("It cannot be reached."));

        public Task<ObjectFacts?> FindAsync(string key, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<byte[]?> ReadAsync(string key, CancellationToken cancellation) => throw new NotSupportedException();

        public Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation) => throw new NotSupportedException();

        public Task DeleteAsync(string key, CancellationToken cancellation) => throw new NotSupportedException();

        public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => throw new NotSupportedException();
    }

    // Refuses every write; its check says whether it is well.
    sealed class RefusingStore : IPhotoStore
    {
        int _looks;

        public bool IsWell { get; init; }

        public int Looks => _looks;

        public TaskCompletionSource Looking { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<bool> WriteOnceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation) =>
            Task.FromException<bool>(new UnauthorizedAccessException("Not this one."));

        public async Task CheckAsync(CancellationToken cancellation)
        {
            Interlocked.Increment(ref _looks);
            if (IsWell)
                return;
            await Looking.Task;
            throw new StoreUnusableException("The credentials have expired.");
        }

        public Task<ObjectFacts?> FindAsync(string key, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<byte[]?> ReadAsync(string key, CancellationToken cancellation) => throw new NotSupportedException();

        public Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, ObjectFacts facts, CancellationToken cancellation) => throw new NotSupportedException();

        public Task DeleteAsync(string key, CancellationToken cancellation) => throw new NotSupportedException();

        public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
