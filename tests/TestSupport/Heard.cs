namespace ImagePipeline.TestSupport;

/// <summary>What a test's subscriber heard, in order, and a way to wait for more.</summary>
public sealed class Heard
{
    // Much longer than anything here takes, so that it is over only where what is waited for never comes.
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly Lock _gate = new();
    readonly List<object> _all = [];
    TaskCompletionSource _more = NewMore();

    /// <summary>Keeps one more message.</summary>
    public Task Add(object message)
    {
        TaskCompletionSource more;
        lock (_gate)
        {
            _all.Add(message);
            (more, _more) = (_more, NewMore());
        }
        more.SetResult();
        return Task.CompletedTask;
    }

    /// <summary>All of one kind heard so far.</summary>
    public IReadOnlyList<T> All<T>()
    {
        lock (_gate)
            return [.. _all.OfType<T>()];
    }

    /// <summary>Waits until what was heard of one kind is as wanted.</summary>
    public async Task<IReadOnlyList<T>> UntilAsync<T>(Func<IReadOnlyList<T>, bool> isEnough)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            Task more;
            lock (_gate)
                more = _more.Task;
            var all = All<T>();
            if (isEnough(all))
                return all;
            try
            {
                await more.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"What was waited for did not come. {typeof(T).Name} until then: {string.Join(Environment.NewLine, all)}");
            }
        }
    }

    /// <summary>Waits until so many of one kind were heard.</summary>
    public Task<IReadOnlyList<T>> UntilAsync<T>(int count) => UntilAsync<T>(all => all.Count >= count);

    /// <summary>Waits for the first of one kind.</summary>
    public async Task<T> FirstAsync<T>() => (await UntilAsync<T>(1))[0];

    static TaskCompletionSource NewMore() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
