namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>
/// Bounds how much is decoded at once: that, not the number of downloads, bounds memory. A picture that can only be decoded whole takes up to four times the
/// memory of another: such pictures wait in a line of their own first, where they hold up no others. An urgent waiter goes before all others.
/// </summary>
/// <param name="count">How many are decoded at once.</param>
/// <param name="wholeCount">How many of them may be decoded whole.</param>
sealed class DecodeSlots(int count, int wholeCount = 1)
{
    readonly SlotLine _all = new(count);
    readonly SlotLine _whole = new(wholeCount);
    readonly SlotLine _headers = new(count);

    /// <summary>How many wait for a slot now.</summary>
    public int Waiting => _all.Waiting + _whole.Waiting;

    /// <summary>Runs <paramref name="work"/>, which reads a header only, on the thread pool: not behind what is decoded, but no more at once.</summary>
    public Task<T> LookAsync<T>(bool urgent, Func<T> work, CancellationToken cancellation) => InAsync(_headers, urgent, () => Task.Run(work, cancellation), cancellation);

    /// <summary>Runs <paramref name="work"/> on the thread pool when a slot is free and <paramref name="mayBegin"/> is over. Cancelling takes a waiter out of the
    /// line; work that has begun runs to its end.</summary>
    public Task<T> RunAsync<T>(bool urgent, bool whole, Func<CancellationToken, Task> mayBegin, Func<T> work, CancellationToken cancellation)
    {
        return whole ? InAsync(_whole, urgent, Run, cancellation) : Run();

        Task<T> Run() => InAsync(_all, urgent, async () =>
        {
            await mayBegin(cancellation);
            return await Task.Run(work, cancellation);
        }, cancellation);
    }

    /// <summary>Runs <paramref name="work"/> on the thread pool when a slot is free.</summary>
    public Task<T> RunAsync<T>(bool urgent, bool whole, Func<T> work, CancellationToken cancellation) =>
        RunAsync(urgent, whole, static _ => Task.CompletedTask, work, cancellation);

    static async Task<T> InAsync<T>(SlotLine line, bool urgent, Func<Task<T>> work, CancellationToken cancellation)
    {
        await line.EnterAsync(urgent, cancellation);
        try
        {
            return await work();
        }
        finally
        {
            line.Leave();
        }
    }
}
