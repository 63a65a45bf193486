using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using ImagePipeline.Cli;
using ImagePipeline.Cli.Errors;
using ImagePipeline.FeedIngest;
using ImagePipeline.FeedIngest.Feeds;
using ImagePipeline.ListingNotifier;
using ImagePipeline.PhotoWorker;
using ImagePipeline.PhotoWorker.Fetching;
using ImagePipeline.PhotoWorker.Imaging;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.ServiceDefaults.Hosting;
using ImagePipeline.ServiceDefaults.RabbitMq;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Photos;

namespace ImagePipeline.Pipeline.Tests;

/// <summary>A setting as the code has it, written as the documentation writes it.</summary>
sealed record DocumentedSetting(string Variable, string Default, string Range)
{
    /// <summary>Every class of options, and the section it is bound to.</summary>
    public static IReadOnlyList<(Type Options, string Section)> Sections { get; } =
    [
        (typeof(ServiceOptions), "Service"),
        (typeof(BusOptions), "Bus"),
        (typeof(RabbitMqOptions), RabbitMqOptions.Section),
        (typeof(LaneOptions), "Lanes"),
        (typeof(DatabaseOptions), "Database"),
        (typeof(RunOptions), "Run"),
        (typeof(BackfillOptions), "Backfill"),
        (typeof(ReplayOptions), "Replay"),
        (typeof(PhotoStoreOptions), PhotoStoreOptions.Section),
        (typeof(FeedOptions), "Feeds:FEED"),
        (typeof(FeedIngestOptions), "FeedIngest"),
        (typeof(FeedReadingOptions), FeedReadingOptions.Section),
        (typeof(PhotoWorkerOptions), "PhotoWorker"),
        (typeof(FetchingOptions), FetchingOptions.Section),
        (typeof(RenderingOptions), RenderingOptions.Section),
        (typeof(ProfileOptions), ProfileOptions.Section),
        (typeof(Rendition), $"{ProfileOptions.Section}:Renditions:0"),
        (typeof(RungOptions), "Rungs"),
        (typeof(GateOptions), "Gates"),
        (typeof(ListingNotifierOptions), "ListingNotifier"),
        (typeof(ErrorsOptions), "Errors"),
    ];

    /// <summary>Every setting there is.</summary>
    public static IEnumerable<DocumentedSetting> All => Sections.SelectMany(section =>
    {
        var options = Activator.CreateInstance(section.Options)!;
        return section.Options.GetProperties()
            // Renditions have settings of their own.
            .Where(property => property.SetMethod is { IsPublic: true } && property.PropertyType != typeof(List<Rendition>))
            .Select(property => Of(section.Section, property, options));
    });

    static DocumentedSetting Of(string section, PropertyInfo property, object options)
    {
        var entry = property.PropertyType switch
        {
            var type when type.IsAssignableTo(typeof(IDictionary)) => ":NAME",
            var type when type.IsAssignableTo(typeof(IList)) => ":0",
            _ => "",
        };
        var range = property.GetCustomAttribute<RangeAttribute>();
        return new(
            $"{section}:{property.Name}{entry}".Replace(":", "__", StringComparison.Ordinal),
            Shown(property, options),
            range is null ? "" : $"{Bound(range, range.Minimum)} to {Bound(range, range.Maximum)}");
    }

    static string Shown(PropertyInfo property, object options) => (options, property.GetValue(options)) switch
    {
        (RenderingOptions, _) when property.Name == nameof(RenderingOptions.DecodeConcurrency) => "the number of processors",
        (FetchingOptions, _) when property.Name == nameof(FetchingOptions.MaxBytesInFlight) => "12 MiB for each processor, at least 24 MiB",
        (RungOptions rungs, _) => string.Join(", ", rungs.InForce.Select(delay => $"`{Text(delay)}`")),
        (FetchingOptions, string agent) => $"`{agent.Replace(Version(options), "VERSION", StringComparison.Ordinal)}`",
        (_, null or "" or 0 or ICollection { Count: 0 }) => "none",
        (_, var value) => $"`{Text(value)}`",
    };

    static string Version(object options) => options.GetType().Assembly.GetName().Version!.ToString(3);

    static string Bound(RangeAttribute range, object bound) =>
        Text(range.OperandType == typeof(TimeSpan) ? TimeSpan.Parse((string)bound, CultureInfo.InvariantCulture) : bound);

    static string Text(object value) => value switch
    {
        bool truth => truth ? "true" : "false",
        TimeSpan { Ticks: var ticks } time when ticks % TimeSpan.TicksPerSecond != 0 => time.ToString("c", CultureInfo.InvariantCulture).TrimEnd('0'),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
