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

    /// <summary>Puts gates at the entrance of an endpoint, beside those it has.</summary>
    public GatedEndpoint Add(Uri address, IEnumerable<string> names)
    {
        var endpoint = _endpoints.GetOrAdd(address, static address => new GatedEndpoint(address));
        endpoint.Add(names.Select(_gates.Of));
        return endpoint;
    }

    public GatedEndpoint? Find(Uri address) => _endpoints.GetValueOrDefault(address);
}
