using System.Collections.Concurrent;

namespace ImagePipeline.TestSupport.Servers;

/// <summary>
/// Virtual hosts that tests are done with. They are deleted a while later: a queue that is deleted in the moment in which RabbitMQ 3.10 begins to dead-letter from it, which is
/// when it was just declared or its broker was just started, takes the supervisor of all dead-lettering with it, and no lane or rung of the whole broker works any more.
/// </summary>
sealed class LeftVirtualHosts
{
    static readonly TimeSpan Rest = TimeSpan.FromSeconds(20);

    readonly ConcurrentQueue<(FoundBroker Broker, string VHost, long Since)> _left = new();

    /// <summary>One more; deletes those that have rested.</summary>
    public async Task LeaveAsync(FoundBroker broker, string vHost)
    {
        _left.Enqueue((broker, vHost, TimeProvider.System.GetTimestamp()));
        while (_left.TryPeek(out var oldest) && TimeProvider.System.GetElapsedTime(oldest.Since) > Rest && _left.TryDequeue(out var rested))
            await DeleteAsync(rested.Broker, rested.VHost);
    }

    /// <summary>Deletes all others, of a broker that does not end with the tests.</summary>
    public async Task EndAsync()
    {
        if (_left.Any(left => left.Broker.IsShared))
            await Task.Delay(Rest, TimeProvider.System);
        while (_left.TryDequeue(out var left))
        {
            if (left.Broker.IsShared)
                await DeleteAsync(left.Broker, left.VHost);
        }
    }

    static async Task DeleteAsync(FoundBroker broker, string vHost)
    {
        using var management = new ManagementApi(broker);
        await management.DeleteAsync($"vhosts/{vHost}");
    }
}
