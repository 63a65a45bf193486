using System.Collections.Concurrent;

namespace ImagePipeline.ServiceDefaults.Hosting;

/// <summary>The endpoints, by the names of their queues, that a closed gate has stopped on purpose.</summary>
public sealed class StoppedEndpoints
{
    readonly ConcurrentDictionary<string, bool> _queues = new();

    /// <summary>Whether a queue's endpoint was stopped on purpose.</summary>
    public bool Contains(string queue) => _queues.ContainsKey(queue);

    /// <summary>The endpoint is being stopped.</summary>
    public void Add(string queue) => _queues[queue] = true;

    /// <summary>The endpoint runs again.</summary>
    public void Remove(string queue) => _queues.TryRemove(queue, out _);
}
