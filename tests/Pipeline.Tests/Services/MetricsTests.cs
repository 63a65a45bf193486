using ImagePipeline.SampleMls;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Services;

public sealed class MetricsTests(PostgresServer postgres, RabbitMqServer rabbitMq)
{
    // Of the exporter and of histograms, not of the metric.
    static readonly string[] NotOurs = ["otel_scope_name", "le"];

    [Fact]
    public async Task Our_metrics_stand_in_the_documentation_by_the_names_and_labels_that_they_are_shown_with()
    {
        await using var mls = await SampleMlsServer.StartAsync(new SampleMlsOptions
        {
            Listings = 8,
            TotalPhotos = 120,
            Width = 64,
            Height = 48,
            Percent503 = 10,
            Percent404 = 5,
            Percent429 = 10,
        });
        using var folder = new TempFolder();
        await using var broker = await rabbitMq.CreateVirtualHostAsync();
        var deployment = new Deployment(folder, broker, await postgres.CreateDatabaseAsync());
        await deployment.UseFeedAsync(new Uri(mls.Address, "/Property"));
        deployment.Environment["Rungs__Delays__0"] = "00:00:00.5";
        deployment.Environment["Rungs__Delays__1"] = "00:00:01";
        deployment.Environment["Lanes__SearchInterval"] = "00:00:00.5";
        deployment.Environment["ListingNotifier__CountInterval"] = "00:00:01";
        ServiceProcess[] services = [deployment.Start("FeedIngest"), deployment.Start("PhotoWorker"), deployment.Start("ListingNotifier")];
        try
        {
            foreach (var service in services)
                await service.UntilReadyAsync();
            await Eventually.IsAsync(
                120, async () => (await services[1].MetricsAsync()).Where(s => s.Name == "imagepipe_photos_total").Sum(s => (int)s.Value), TimeSpan.FromMinutes(2));
            var documented = MarkdownPage.Read("docs/metrics.md").Rows.Where(row => row[0].StartsWith("`imagepipe_", StringComparison.Ordinal))
                .Select(row => Row(row[0].Trim('`'), row[1].Split(", ").Where(label => label != "none").Select(label => label.Trim('`'))));
            var all = new List<MetricSample>();
            // Some are counted now and then only.
            await Eventually.IsAsync(string.Join('\n', documented.Order()), async () =>
            {
                all.Clear();
                foreach (var service in services)
                    all.AddRange(await service.MetricsAsync());
                return string.Join('\n', all.Where(s => s.Name.StartsWith("imagepipe_", StringComparison.Ordinal)).GroupBy(s => Family(s.Name))
                    .Select(family => Row(family.Key, family.SelectMany(s => s.Labels.Keys))).Order());
            });

            // Bounds in seconds, not the exporter's own, which suit milliseconds.
            Assert.Contains(all, s => s.Name == "imagepipe_fetch_duration_seconds_bucket" && s["le"] == "0.025");
            Assert.Contains(all, s => s.Name.StartsWith("messaging_masstransit_", StringComparison.Ordinal));
            Assert.Contains(all, s => s.Name == "dotnet_process_memory_working_set_bytes");
        }
        finally
        {
            foreach (var service in services)
                await service.DisposeAsync();
        }
    }

    static string Row(string name, IEnumerable<string> labels) => $"{name} {string.Join(", ", labels.Except(NotOurs).Distinct().Order(StringComparer.Ordinal))}";

    // A histogram is three series.
    static string Family(string series) =>
        ((string[])["_bucket", "_sum", "_count"]).FirstOrDefault(end => series.EndsWith($"_seconds{end}", StringComparison.Ordinal)) is { } part
            ? series[..^part.Length]
            : series;
}
