using System.Security.Cryptography;
using System.Text;

namespace ImagePipeline.Storage.Photos;

/// <summary>
/// Lets one writer at a time change an object that has facts beside it, among all tasks and processes that use a store. Two files cannot
/// be put in place in one step: without this, of two writers one could leave its facts beside the other's bytes.
/// </summary>
sealed class KeyLocks : IDisposable
{
    // So few that the lock files can stay, so many that writers of different objects seldom meet.
    const int Stripes = 16;

    readonly string _folder;
    readonly SemaphoreSlim[] _here = [.. Enumerable.Range(0, Stripes).Select(_ => new SemaphoreSlim(1, 1))];

    public KeyLocks(string folder)
    {
        _folder = folder;
        MakeFolder();
    }

    /// <summary>Makes the locks' folder, if it is not there any more.</summary>
    public void MakeFolder() => Directory.CreateDirectory(_folder);

    /// <summary>Waits until nobody else changes <paramref name="key"/>; dispose to let the next one go.</summary>
    public async Task<IDisposable> TakeAsync(string key, CancellationToken cancellation)
    {
        var stripe = SHA256.HashData(Encoding.UTF8.GetBytes(key))[0] % Stripes;
        await _here[stripe].WaitAsync(cancellation);
        try
        {
            return new Held(_here[stripe], await FileLock.TakeAsync(Path.Combine(_folder, $"{stripe:x}"), cancellation));
        }
        catch
        {
            _here[stripe].Release();
            throw;
        }
    }

    public void Dispose() => Array.ForEach(_here, stripe => stripe.Dispose());

    sealed class Held(SemaphoreSlim here, IDisposable everywhere) : IDisposable
    {
        public void Dispose()
        {
            everywhere.Dispose();
            here.Release();
        }
    }
}
