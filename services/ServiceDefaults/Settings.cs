using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ServiceDefaults;

/// <summary>
/// Configuration into options, strictly: an unknown setting, an unreadable value or one out of range stops the start with one sentence
/// each, naming the setting, its environment variable and what is accepted.
/// </summary>
public static class Settings
{
    /// <summary>Binds and checks the options of one section; a bad value is found when the host starts.</summary>
    public static IServiceCollection AddValidatedOptions<TOptions>(this IServiceCollection services, string section)
        where TOptions : class
    {
        services.AddOptions<TOptions>()
            .Configure<IConfiguration>((options, configuration) => Bind(configuration.GetSection(section), options))
            .Validate(_ => true)
            .ValidateOnStart();
        return services;
    }

    /// <summary>Fills <paramref name="options"/> from a section.</summary>
    /// <exception cref="OptionsValidationException">Something is wrong; each failure is a sentence.</exception>
    public static void Bind<TOptions>(IConfigurationSection section, TOptions options)
        where TOptions : class
    {
        var failures = new List<string>();
        CheckReadable(section, typeof(TOptions), failures);
        if (failures.Count == 0)
        {
            section.Bind(options);
            CheckAccepted(section.Path, options, failures);
        }
        if (failures.Count > 0)
            throw new OptionsValidationException(section.Path, typeof(TOptions), failures);
    }

    /// <summary>Checks all options of a host and its feeds. The host itself would, but only after it has touched state and store.</summary>
    /// <exception cref="OptionsValidationException">Something is wrong; each failure is a sentence.</exception>
    public static void Check(IServiceProvider services)
    {
        var failures = new List<string>();
        Try(services.GetRequiredService<IStartupValidator>().Validate);
        var feeds = services.GetRequiredService<FeedSettings>();
        Try(() => _ = feeds.Ids);
        foreach (var feed in services.GetRequiredService<IConfiguration>().GetSection("Feeds").GetChildren())
            Try(() => feeds.Configure(feed.Key, new FeedOptions()));
        if (failures.Count > 0)
            throw new OptionsValidationException("", typeof(object), failures.Distinct());

        void Try(Action check)
        {
            try
            {
                check();
            }
            catch (OptionsValidationException e)
            {
                failures.AddRange(e.Failures);
            }
            catch (AggregateException e) when (e.InnerExceptions.All(i => i is OptionsValidationException))
            {
                failures.AddRange(e.InnerExceptions.Cast<OptionsValidationException>().SelectMany(i => i.Failures));
            }
        }
    }

    static void CheckReadable(IConfigurationSection section, Type type, List<string> failures)
    {
        var properties = Properties(type);
        foreach (var child in section.GetChildren())
        {
            if (!properties.TryGetValue(child.Key, out var property))
                failures.Add($"{Name(child.Path)} is not a setting; {section.Path} accepts {Names(properties)}.");
            else
                CheckReadable(child, property.PropertyType, property.GetCustomAttributes<ValidationAttribute>(), failures);
        }
    }

    static void CheckReadable(IConfigurationSection section, Type type, IEnumerable<ValidationAttribute> rules, List<string> failures)
    {
        // One value where several belong is not repeated: it may be a header with a secret in it.
        if (IsSection(type))
        {
            if (section.Value is { Length: > 0 })
                failures.Add($"{Name(section.Path)} takes settings of its own: {Names(Properties(type))}.");
            CheckReadable(section, type, failures);
        }
        else if (ElementOf(type) is { } element)
        {
            if (section.Value is { Length: > 0 })
                failures.Add($"{Name(section.Path)} takes entries such as {Variable(section.Path)}__{(IsDictionary(type) ? "NAME" : "0")}, not one value.");
            foreach (var entry in section.GetChildren())
                CheckReadable(entry, element, [], failures);
        }
        else
        {
            foreach (var child in section.GetChildren())
                failures.Add($"{Name(child.Path)} is not a setting; {section.Path} takes one value.");
            if (section.Value is { } value && !CanRead(type, value))
                failures.Add($"{Name(section.Path)} is \"{value}\"; {Accepted(type, rules)}.");
        }
    }

    static void CheckAccepted(string path, object options, List<string> failures)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0))
        {
            var value = property.GetValue(options);
            var rules = property.GetCustomAttributes<ValidationAttribute>();
            if (rules.Any(rule => !rule.IsValid(value)))
                failures.Add($"{Name($"{path}:{property.Name}")} is \"{Shown(value)}\"; {Accepted(property.PropertyType, rules)}.");
            if (value is not null && IsSection(property.PropertyType))
                CheckAccepted($"{path}:{property.Name}", value, failures);
        }
        if (options is IValidatableObject validatable)
            failures.AddRange(validatable.Validate(new ValidationContext(options)).Select(r => r.ErrorMessage!));
    }

    static Dictionary<string, PropertyInfo> Properties(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.SetMethod?.IsPublic == true || IsSection(p.PropertyType))
        .ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);

    // A class of our own with settings of its own, not a list, a dictionary or a single value.
    static bool IsSection(Type type) => type is { IsClass: true } && type.Namespace?.StartsWith(nameof(ImagePipeline), StringComparison.Ordinal) == true;

    // What a list or a dictionary holds; null for everything else.
    static Type? ElementOf(Type type) =>
        IsDictionary(type) ? type.GetGenericArguments()[1] : type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)) ? type.GetGenericArguments()[0] : null;

    static bool IsDictionary(Type type) => type.IsAssignableTo(typeof(IDictionary));

    static bool CanRead(Type type, string value)
    {
        try
        {
            if (Nullable.GetUnderlyingType(type) is not { } underlying)
                _ = TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value);
            else if (value.Length > 0)
                _ = TypeDescriptor.GetConverter(underlying).ConvertFromInvariantString(value);
            return true;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    static string Name(string path) => $"{path} (environment variable {Variable(path)})";

    static string Variable(string path) => path.Replace(":", "__", StringComparison.Ordinal);

    static string Names(Dictionary<string, PropertyInfo> properties) => string.Join(", ", properties.Keys.Order());

    static string Accepted(Type type, IEnumerable<ValidationAttribute> rules)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (rules.OfType<RangeAttribute>().FirstOrDefault() is { } range)
            return $"accepted is {Shown(range.Minimum)} to {Shown(range.Maximum)}{(type == typeof(TimeSpan) ? ", written [days.]hours:minutes:seconds" : "")}";
        if (type.IsEnum)
            return $"accepted are {string.Join(", ", Enum.GetNames(type))}";
        if (type == typeof(bool))
            return "accepted are true and false";
        if (type == typeof(TimeSpan))
            return "accepted is a time written [days.]hours:minutes:seconds";
        if (type == typeof(int) || type == typeof(long))
            return "a whole number is accepted";
        return rules.Any() ? "a value is needed" : $"a {type.Name} is accepted";
    }

    static string Shown(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
