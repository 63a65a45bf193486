using System.Diagnostics.Metrics;
using MassTransit.Monitoring;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace ImagePipeline.ServiceDefaults.Hosting;

/// <summary>Which metrics a service shows: ours, the bus's, and those of the runtime and the process.</summary>
static class MetricsSetup
{
    // For times without bounds of their own: from a small photo of a near server to the longest a request may take, and on to the rungs.
    static readonly double[] Seconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600, 21_600, 86_400];

    public static void AddPipelineMetrics(this IServiceCollection services, string service) =>
        services.AddOpenTelemetry().ConfigureResource(r => r.AddService(service)).WithMetrics(metrics => metrics
            .AddMeter("ImagePipeline.*", InstrumentationOptions.MeterName)
            .AddRuntimeInstrumentation()
            .AddView(instrument => HasNoBounds(instrument) ? new ExplicitBucketHistogramConfiguration { Boundaries = Seconds } : null)
            .AddPrometheusExporter());

    static bool HasNoBounds(Instrument instrument) =>
        instrument is Histogram<double> { Unit: "s", Advice: null } && instrument.Meter.Name.StartsWith("ImagePipeline.", StringComparison.Ordinal);
}
