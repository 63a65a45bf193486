using Xunit;

namespace ImagePipeline.TestSupport.Servers;

/// <summary>
/// Finds a server that tests need, in one way after the other, or fails saying why each was none: a test that cannot run is a test that
/// failed, never one that was left out.
/// </summary>
/// <param name="what">What is looked for, such as <c>PostgreSQL</c>.</param>
/// <param name="ways">Each gives a server or throws a <see cref="NoServerException"/>.</param>
sealed class ServerSearch<TServer>(string what, params Func<Task<TServer>>[] ways) : IAsyncDisposable
    where TServer : FoundServer
{
    readonly SemaphoreSlim _searching = new(1, 1);
    TServer? _found;
    NoServerException? _failure;

    /// <summary>The server; looked for when it is first asked for, so that tests without it start none.</summary>
    public async Task<TServer> GetAsync()
    {
        await _searching.WaitAsync();
        try
        {
            if (_failure is not null)
                throw new NoServerException(_failure.Message, _failure);
            return _found ??= await FindAsync();
        }
        catch (NoServerException failure)
        {
            _failure = failure;
            throw;
        }
        finally
        {
            _searching.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_found is not null)
            await _found.StopAsync();
        _searching.Dispose();
    }

    async Task<TServer> FindAsync()
    {
        var reasons = new List<string>();
        foreach (var way in ways)
        {
            try
            {
                var found = await way();
                TestContext.Current.SendDiagnosticMessage($"{what}: {way.Method.Name}{string.Concat(reasons.Select(reason => $"; {reason}"))}");
                return found;
            }
            catch (NoServerException none)
            {
                reasons.Add(none.Message);
            }
        }
        throw new NoServerException($"These tests need {what}, and there is none: {string.Join("; ", reasons)}.");
    }
}
