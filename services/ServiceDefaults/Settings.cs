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

    static void CheckReadable(IConfigurationSection section, Type type, List<string> failures)
    {
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.SetMethod?.IsPublic == true || IsSection(p.PropertyType))
            .ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var child in section.GetChildren())
        {
            if (!properties.TryGetValue(child.Key, out var property))
                failures.Add($"{Name(child.Path)} is not a setting; {section.Path} accepts {string.Join(", ", properties.Keys.Order())}.");
            else if (IsSection(property.PropertyType))
                CheckReadable(child, property.PropertyType, failures);
            else if (child.Value is { } value && !CanRead(property.PropertyType, value))
                failures.Add($"{Name(child.Path)} is \"{value}\"; {Accepted(property)}.");
            else if (ItemOf(property.PropertyType) is { } item)
                CheckItems(child, item, failures);
        }
    }

    // The binder leaves out an item it cannot read, in silence.
    static void CheckItems(IConfigurationSection list, Type type, List<string> failures)
    {
        foreach (var item in list.GetChildren())
        {
            if (IsSection(type))
                CheckReadable(item, type, failures);
            else if (item.Value is not { } value)
                failures.Add($"{Name(item.Path)} is not a single value; {Accepted(type)}.");
            else if (!CanRead(type, value))
                failures.Add($"{Name(item.Path)} is \"{value}\"; {Accepted(type)}.");
        }
    }

    static Type? ItemOf(Type type) => type.IsGenericType && Nullable.GetUnderlyingType(type) is null ? type.GetGenericArguments()[^1] : null;

    static void CheckAccepted(string path, object options, List<string> failures)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0))
        {
            var value = property.GetValue(options);
            var rules = property.GetCustomAttributes<ValidationAttribute>();
            if (rules.Any(rule => !rule.IsValid(value)))
                failures.Add($"{Name($"{path}:{property.Name}")} is \"{Shown(value)}\"; {Accepted(property)}.");
            if (value is not null && IsSection(property.PropertyType))
                CheckAccepted($"{path}:{property.Name}", value, failures);
        }
        if (options is IValidatableObject validatable)
            failures.AddRange(validatable.Validate(new ValidationContext(options)).Select(r => r.ErrorMessage!));
    }

    // A class of our own with settings of its own, not a list, a dictionary or a single value.
    static bool IsSection(Type type) => type is { IsClass: true } && type.Namespace?.StartsWith(nameof(ImagePipeline), StringComparison.Ordinal) == true;

    static bool CanRead(Type type, string value)
    {
        try
        {
            _ = TypeDescriptor.GetConverter(Nullable.GetUnderlyingType(type) ?? type).ConvertFromInvariantString(value);
            return true;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            // A list or dictionary is given by its children and has no single value; an empty one is how JSON says "none".
            return value.Length == 0 && type.IsGenericType;
        }
    }

    static string Name(string path) => $"{path} (environment variable {path.Replace(":", "__", StringComparison.Ordinal)})";

    static string Accepted(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
            return $"accepted is {Shown(range.Minimum)} to {Shown(range.Maximum)}{(type == typeof(TimeSpan) ? ", written [days.]hours:minutes:seconds" : "")}";
        return property.GetCustomAttributes<ValidationAttribute>().Any() && type == typeof(string) ? "a value is needed" : Accepted(type);
    }

    static string Accepted(Type type)
    {
        if (type.IsEnum)
            return $"accepted are {string.Join(", ", Enum.GetNames(type))}";
        if (type == typeof(bool))
            return "accepted are true and false";
        if (type == typeof(TimeSpan))
            return "accepted is a time written [days.]hours:minutes:seconds";
        if (ItemOf(type) is not null)
            return "accepted are several values, each under a name or number of its own";
        return type == typeof(string) ? "accepted is a text" : "accepted is a whole number";
    }

    static string Shown(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
