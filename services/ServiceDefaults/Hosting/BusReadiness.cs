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
        var health = bus.CheckHealth();
        var endpoints = health.Endpoints.ToDictionary(e => Queue(e.Value.InputAddress), e => e.Value.Status == BusHealthStatus.Healthy);
        var atGates = endpoints.Keys.Where(stopped.Contains).ToArray();
        var bad = endpoints.Where(e => !e.Value && !atGates.Contains(e.Key)).Select(e => e.Key).Order().ToArray();
        if (endpoints.Count > 0 && bad.Length == 0)
            return new(true, $"{endpoints.Count - atGates.Length} endpoints take messages{(atGates.Length > 0 ? $", {atGates.Length} wait at a gate" : "")}.");
        return new(false, bad.Length == 0 ? "The bus is not started." : $"No messages from {string.Join(", ", bad)}.");
    }

    static string Queue(Uri address) => address.Segments[^1];
}
