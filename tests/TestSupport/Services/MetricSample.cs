using System.Globalization;
using System.Text.RegularExpressions;

namespace ImagePipeline.TestSupport.Services;

/// <summary>One line of a service's metrics, as Prometheus reads it.</summary>
sealed partial record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>The label of a name; empty when there is none.</summary>
    public string this[string label] => Labels.GetValueOrDefault(label, "");

    public static IReadOnlyList<MetricSample> Parse(string text) => [.. text.Split('\n').Select(line => Line().Match(line)).Where(m => m.Success).Select(m => new MetricSample(
        m.Groups["name"].Value,
        Label().Matches(m.Groups["labels"].Value).ToDictionary(l => l.Groups[1].Value, l => l.Groups[2].Value),
        m.Groups["value"].Value switch
        {
            "+Inf" => double.PositiveInfinity,
            var value => double.Parse(value, CultureInfo.InvariantCulture),
        }))];

    [GeneratedRegex(@"^(?<name>[a-zA-Z_:][\w:]*)(\{(?<labels>.*)\})? (?<value>\S+)")]
    private static partial Regex Line();

    [GeneratedRegex("""(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)""")]
    private static partial Regex Label();
}
