using MassTransit;

namespace ImagePipeline.ServiceDefaults.Hosting;

/// <summary>
/// Whether the bus is connected and every endpoint takes messages. An endpoint that a closed gate has stopped does what it should; the bus's own
/// verdict counts it as trouble, so each endpoint is looked at here.
/// </summary>
sealed class BusReadiness(IBusControl bus, StoppedEndpoints stopped)
{
    public Finding Check()
    {
        // Not the bus's own endpoint, which only answers to requests would need.
        var endpoints = bus.CheckHealth().Endpoints.Values.Where(e => e.InputAddress != bus.Address).ToLookup(e => Queue(e.InputAddress), e => e.Status);
        var atGates = endpoints.Select(e => e.Key).Where(stopped.Contains).ToArray();
        var bad = endpoints.Where(e => e.Any(status => status != BusHealthStatus.Healthy)).Select(e => e.Key).Except(atGates).Order().ToArray();
        if (bad.Length > 0)
            return new(false, $"No messages come from {string.Join(", ", bad)}.");
        return endpoints.Count == 0
            ? new(false, "No endpoint is connected.")
            : new(true, $"{endpoints.Count - atGates.Length} endpoints take messages{(atGates.Length > 0 ? $", {atGates.Length} wait at a gate" : "")}.");
    }

    static string Queue(Uri address) => address.Segments[^1];
}
