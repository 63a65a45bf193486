using System.Diagnostics.Metrics;

namespace ImagePipeline.ServiceDefaults;

/// <summary>What gates tell a dashboard: meter <c>ImagePipeline.Gates</c>.</summary>
sealed class GateMetrics
{
    readonly Meter _meter;
    readonly Counter<long> _closings;
    readonly Counter<long> _probes;

    public GateMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("ImagePipeline.Gates");
        _closings = _meter.CreateCounter<long>("imagepipe.gate.closings", "{closing}", "How often a gate has closed");
        _probes = _meter.CreateCounter<long>("imagepipe.gate.probes", "{probe}", "Tries while a gate was closed");
    }

    public void Closed(string gate) => _closings.Add(1, Tag(gate));

    public void Probed(string gate) => _probes.Add(1, Tag(gate));

    public void Show(Gates gates) => _meter.CreateObservableGauge(
        "imagepipe.gate.closed",
        () => gates.All.Where(gate => gate.WasClosed).Select(gate => new Measurement<int>(gate.Closed is null ? 0 : 1, Tag(gate.Name))),
        "{gate}",
        "1 while a gate is closed, 0 once it is open again");

    public void Show(GatedEndpoints endpoints) => _meter.CreateObservableGauge(
        "imagepipe.gate.held", () => endpoints.All.Sum(endpoint => endpoint.Held), "{message}", "Messages that wait at a gate");

    static KeyValuePair<string, object?> Tag(string gate) => new("gate", gate);
}
