using System.Collections.Concurrent;

namespace ImagePipeline.ServiceDefaults;

/// <summary>The endpoints of this process with gates at their entrance.</summary>
sealed class GatedEndpoints
{
    readonly ConcurrentDictionary<Uri, GatedEndpoint> _endpoints = new();
    readonly Gates _gates;

    public GatedEndpoints(Gates gates, GateMetrics metrics)
    {
        _gates = gates;
        metrics.Show(this);
    }

    public IEnumerable<GatedEndpoint> All => _endpoints.Values;

    public GatedEndpoint Add(Uri address, IEnumerable<string> names) => _endpoints[address] = new GatedEndpoint(address, [.. names.Select(_gates.Of)]);

    public GatedEndpoint? Find(Uri address) => _endpoints.GetValueOrDefault(address);
}
